using System.Text;
using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Judges a model, and the cells that it was trained on, by real cells.</summary>
internal static class RealCellReport
{
    private static readonly double[] Percentiles = [0.1, 0.5, 0.9];
    private static readonly string[] Keys = [GlifParameter.InputResistance, GlifParameter.Capacitance, GlifParameter.Threshold];

    // MΩ, pF and mV from SI units.
    private static readonly double[] Units = [1e-6, 1e12, 1e3];

    /// <summary>Compares joint ratios of real sweeps, each cell counted once, with those of simulated ones.</summary>
    /// <param name="real">Real cells.</param>
    /// <param name="shards">Shards of readings.</param>
    public static IReadOnlyList<RatioComparison> Ratios(RealCells real, ShardDataView shards)
    {
        var simulated = ShardRows.Map(shards, shards.ShardSchema.Columns, Simulated).SelectMany(rows => rows).ToArray();
        var found = real
            .Cells.SelectMany(cell =>
                cell.Firing.Where(JointRatios.Counts)
                    .Select(sweep => (JointRatios.Of(sweep, cell.Hyperpolarising, cell.Log), 1.0 / cell.Firing.Count))
            )
            .ToArray();
        return
        [
            .. JointRatios
                .Names.Index()
                .Select(ratio => new RatioComparison(
                    ratio.Item,
                    [.. Percentiles.Select(p => Weighted.Quantile(found.Select(f => (f.Item1[ratio.Index], f.Item2)), p))],
                    [.. Percentiles.Select(p => Weighted.Quantile(simulated.Select(s => (s[ratio.Index], 1.0)), p))]
                )),
        ];
    }

    /// <summary>Percentiles 10, 50 and 90 of joint ratios of the first cells of a definition's test split.</summary>
    /// <param name="definition">A definition whose traces hold readings.</param>
    /// <param name="batches">How many cells, in batches.</param>
    /// <param name="rows">Cells a batch.</param>
    public static IReadOnlyList<IReadOnlyList<double>> SimulatedRatios(PipelineDefinition definition, int batches, int rows)
    {
        var source = TraceSources.Of(definition, "test");
        var found = new double[batches][][];
        Parallel.For(
            0,
            batches,
            batch =>
            {
                var memory = new TraceBatch(source.Schema, rows);
                source.Fill((long)batch * rows, memory);
                found[batch] = Simulated(memory);
            }
        );
        double[][] all = [.. found.SelectMany(batch => batch)];
        return
        [
            .. JointRatios.Names.Select(
                (_, k) => (IReadOnlyList<double>)[.. Percentiles.Select(p => Weighted.Quantile(all.Select(s => (s[k], 1.0)), p))]
            ),
        ];
    }

    private static double[][] Simulated(TraceBatch batch)
    {
        var targets = batch.Schema.Targets.ToList();
        var places = Array.ConvertAll(Keys, key => targets.IndexOf(key));
        var rows = new List<double[]>();
        for (var row = 0; row < batch.Rows; row++)
        {
            var log = new double[Keys.Length];
            for (var k = 0; k < log.Length; k++)
                log[k] = Math.Log(Units[k] * batch.Labels(places[k])[row]);
            var (firing, hyperpolarising) = CellVector.Measured(batch.Voltage(row));
            if (JointRatios.Counts(firing))
                rows.Add(JointRatios.Of(firing, hyperpolarising, log));
        }
        return [.. rows];
    }

    /// <summary>The comparison as Markdown.</summary>
    public static string ToMarkdown(IReadOnlyList<RatioComparison>? ratios, IReadOnlyList<RealCellScore> scores)
    {
        var text = new StringBuilder();
        if (ratios is not null)
        {
            MarkdownTable.Append(
                text,
                [
                    ["ratio, p10 p50 p90", "real", "simulated", "off by, %"],
                    .. ratios.Select(r =>
                        new[]
                        {
                            r.Ratio,
                            Plain(r.Real),
                            Plain(r.Simulated),
                            Percent([.. r.Simulated.Zip(r.Real, (s, real) => (s / real) - 1)]),
                        }
                    ),
                ]
            );
            text.Append('\n');
        }
        var areSimulated = scores.Any(score => score.R2Unscattered is not null);
        string[] more = areSimulated ? ["R2", "R2 of logs", "R2 of logs, labels that do not scatter"] : [];
        MarkdownTable.Append(
            text,
            [
                ["R_input, C, th_inf", "cells", "median error, %", "bias, %", "90 % holds, %", "width, log", .. more],
                .. scores.Select(s =>
                    (string[])
                        [
                            s.Reading,
                            Invariant.Text($"{s.Cells}"),
                            Percent(s.MedianError),
                            Percent(s.Bias),
                            s.Coverage is { } coverage ? Percent(coverage) : "",
                            s.Width is { } width ? Plain(width) : "",
                            .. areSimulated
                                ? new[] { s.R2, s.R2OfLogarithms, s.R2Unscattered }.Select(r2 => r2 is null ? "" : Plain(r2))
                                : [],
                        ]
                ),
            ]
        );
        return text.ToString();
    }

    /// <summary>Cells with traces one by one: what was published, what <c>fit</c> reads, how far it is off.</summary>
    public static string EachToMarkdown(RealCells cells)
    {
        var text = new StringBuilder();
        MarkdownTable.Append(
            text,
            [
                ["cell; R_input (Mohm), C (pF), th_inf (mV)", "published", "fit", "off by, %", "90 % from", "to", "rest off by, mV"],
                .. cells.Cells.Select(cell =>
                {
                    var fit = CellScoring.Fit(cell.Sweeps);
                    return new[]
                    {
                        cell.Name,
                        Values(cell.Log),
                        Values(fit.Middle),
                        Percent([.. fit.Middle.Zip(cell.Log, (said, so) => Math.Exp(said - so) - 1)]),
                        Values(fit.Low!),
                        Values(fit.High!),
                        Invariant.Text($"{cell.RestMv.Read - cell.RestMv.Published:F1}"),
                    };
                }),
            ]
        );
        return text.ToString();

        string Values(double[] log) => string.Join(" ", log.Select(value => Invariant.Text($"{Math.Exp(value):F1}")));
    }

    private static string Percent(double[] values) => string.Join(" ", values.Select(v => Invariant.Text($"{100 * v:F1}")));

    private static string Plain(double[] values) => string.Join(" ", values.Select(v => Invariant.Text($"{v:F2}")));
}

/// <summary>Percentiles 10, 50 and 90 of a ratio.</summary>
/// <param name="Ratio">Its name.</param>
/// <param name="Real">[3] of real cells.</param>
/// <param name="Simulated">[3] of simulated ones.</param>
internal sealed record RatioComparison(string Ratio, double[] Real, double[] Simulated);
