using System.Text;
using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Judges a model, and the cells that it was trained on, by real cells.</summary>
internal static class RealCellReport
{
    private const double RidgePenalty = 1;
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

    /// <summary>
    /// Scores readings: of every sweep alone, of all a cell's sweeps, and with hyperpolarising squares where there are any.
    /// </summary>
    /// <param name="real">Real cells.</param>
    /// <param name="model">A model of readings; null: what needs none.</param>
    public static IReadOnlyList<RealCellScore> Scores(RealCells real, OnnxModel? model)
    {
        var scores = new List<RealCellScore> { Score("always the cells' median", real, Constant(real)) };
        scores.Add(Score("ridge on the other real cells, one sweep", real, Ridge(real)));
        scores.Add(Score("closed form, one sweep", real, cell => cell.Firing.Select(sweep => ClosedForm([sweep]))));
        if (model is not null)
        {
            scores.Add(Score("model, one sweep", real, cell => cell.Firing.Select(sweep => Read(model, sweep, null))));
            scores.Add(
                Score("model, all sweeps", real, cell => [LogReading.Average(cell.Firing.Select(sweep => Read(model, sweep, null)))])
            );
        }
        if (!real.Cells.Any(cell => cell.Hyperpolarising is not null))
            return scores;
        IEnumerable<LogReading> WithHyperpolarising(RealCell cell, Func<LogReading> read) => cell.Hyperpolarising is null ? [] : [read()];
        scores.Add(
            Score(
                "closed form, all and hyperpolarising sweeps",
                real,
                cell => WithHyperpolarising(cell, () => ClosedForm([.. cell.Firing, cell.Hyperpolarising!]))
            )
        );
        if (model is not null)
            scores.Add(
                Score(
                    "model, all and hyperpolarising sweeps",
                    real,
                    cell =>
                        WithHyperpolarising(
                            cell,
                            () => LogReading.Average(cell.Firing.Select(sweep => Read(model, sweep, cell.Hyperpolarising)))
                        )
                )
            );
        return scores;
    }

    /// <summary>The comparison as Markdown.</summary>
    public static string ToMarkdown(IReadOnlyList<RatioComparison>? ratios, IReadOnlyList<RealCellScore> scores)
    {
        var text = new StringBuilder();
        string Percent(double[] values) => string.Join(" ", values.Select(v => Invariant.Text($"{100 * v:F1}")));
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
                            string.Join(" ", r.Real.Select(v => Invariant.Text($"{v:F2}"))),
                            string.Join(" ", r.Simulated.Select(v => Invariant.Text($"{v:F2}"))),
                            Percent([.. r.Simulated.Zip(r.Real, (s, real) => (s / real) - 1)]),
                        }
                    ),
                ]
            );
            text.Append('\n');
        }
        MarkdownTable.Append(
            text,
            [
                ["R_input, C, th_inf", "median error, %", "bias, %", "90 % holds, %", "width, log"],
                .. scores.Select(s =>
                    new[]
                    {
                        s.Reading,
                        Percent(s.MedianError),
                        Percent(s.Bias),
                        s.Coverage is { } coverage ? Percent(coverage) : "",
                        s.Width is { } width ? string.Join(" ", width.Select(v => Invariant.Text($"{v:F2}"))) : "",
                    }
                ),
            ]
        );
        return text.ToString();
    }

    // Every cell counts once, however many readings it has.
    private static RealCellScore Score(string name, RealCells real, Func<RealCell, IEnumerable<LogReading>> read)
    {
        var found = real
            .Cells.Select(cell => (Cell: cell, Readings: read(cell).ToArray()))
            .SelectMany(pair => pair.Readings.Select(reading => (pair.Cell, Reading: reading, Weight: 1.0 / pair.Readings.Length)))
            .ToArray();
        double[] Each(Func<RealCell, LogReading, int, double> value, Func<IEnumerable<(double, double)>, double> sum) =>
            Array.ConvertAll([0, 1, 2], k => sum(found.Select(f => (value(f.Cell, f.Reading, k), f.Weight))));
        double Median(IEnumerable<(double, double)> values) => Weighted.Quantile(values, 0.5);
        var hasIntervals = found.Length > 0 && found[0].Reading.Low is not null;
        return new RealCellScore(
            name,
            Each((cell, reading, k) => Math.Abs(Math.Exp(reading.Middle[k] - cell.Log[k]) - 1), Median),
            Each((cell, reading, k) => Math.Exp(reading.Middle[k] - cell.Log[k]) - 1, Median),
            hasIntervals
                ? Each(
                    (cell, reading, k) => cell.Log[k] >= reading.Low![k] && cell.Log[k] <= reading.High![k] ? 1 : 0,
                    values => values.Sum(v => v.Item1 * v.Item2) / values.Sum(v => v.Item2)
                )
                : null,
            hasIntervals ? Each((_, reading, k) => reading.High![k] - reading.Low![k], Median) : null
        );
    }

    private static Func<RealCell, IEnumerable<LogReading>> Constant(RealCells real)
    {
        var median = Array.ConvertAll([0, 1, 2], k => Weighted.Quantile(real.Cells.Select(cell => (cell.Log[k], 1.0)), 0.5));
        return _ => [new LogReading(median, null, null)];
    }

    private static LogReading Read(OnnxModel model, SweepFeatures firing, SweepFeatures? hyperpolarising) =>
        CellPosterior.Read(model, CellVector.Of(firing, null, hyperpolarising, hasTrace: false));

    private static LogReading ClosedForm(IReadOnlyList<SweepFeatures> sweeps)
    {
        const double Reach = 1.6448536269514722;
        var reading = CellReading.Of(sweeps);
        return new LogReading(
            reading.Log,
            [.. reading.Log.Zip(reading.Deviations, (log, sd) => log - (Reach * sd))],
            [.. reading.Log.Zip(reading.Deviations, (log, sd) => log + (Reach * sd))]
        );
    }

    // Linear in the logarithms of a sweep's features, of all cells but the one that is read.
    private static Func<RealCell, IEnumerable<LogReading>> Ridge(RealCells real)
    {
        static double[] Inputs(SweepFeatures sweep) =>
            [.. CellVector.Of(sweep, null, null, hasTrace: false)[..8].Select(v => (double)v), 1];
        var rows = real
            .Cells.SelectMany(cell => cell.Firing.Select(sweep => (Cell: cell, X: Inputs(sweep), Weight: 1.0 / cell.Firing.Count)))
            .ToArray();
        return cell =>
        {
            var others = rows.Where(row => row.Cell != cell).ToArray();
            var size = others[0].X.Length;
            var coefficients = new double[3][];
            for (var k = 0; k < 3; k++)
            {
                var (matrix, right, solution) = (new double[size, size], new double[size], new double[size]);
                for (var i = 0; i < size - 1; i++)
                    matrix[i, i] = RidgePenalty;
                matrix[size - 1, size - 1] = 1e-9;
                foreach (var (other, x, weight) in others)
                {
                    for (var i = 0; i < size; i++)
                    {
                        right[i] += weight * x[i] * other.Log[k];
                        for (var j = 0; j < size; j++)
                            matrix[i, j] += weight * x[i] * x[j];
                    }
                }
                SmallMatrix.Solve(matrix, right, solution);
                coefficients[k] = solution;
            }
            return cell.Firing.Select(sweep =>
            {
                var x = Inputs(sweep);
                return new LogReading(Array.ConvertAll(coefficients, c => c.Zip(x, (a, b) => a * b).Sum()), null, null);
            });
        };
    }
}

/// <summary>Statistics of values that count differently.</summary>
internal static class Weighted
{
    /// <summary>The value that a share of the weight lies below; values that are not finite are left out.</summary>
    public static double Quantile(IEnumerable<(double Value, double Weight)> values, double share)
    {
        var sorted = values.Where(v => double.IsFinite(v.Value)).OrderBy(v => v.Value).ToArray();
        var (total, below) = (sorted.Sum(v => v.Weight), 0.0);
        foreach (var (value, weight) in sorted)
        {
            below += weight;
            if (below >= share * total)
                return value;
        }
        return double.NaN;
    }
}

/// <summary>How far a reading is from what was published of real cells, for R_input, C and th_inf.</summary>
/// <param name="Reading">What read them.</param>
/// <param name="MedianError">[3] median absolute error, as a share.</param>
/// <param name="Bias">[3] median of the ratio to what was published, less 1.</param>
/// <param name="Coverage">[3] how often the 90 % interval holds; null without intervals.</param>
/// <param name="Width">[3] the intervals' median width, in log; null without intervals.</param>
internal sealed record RealCellScore(string Reading, double[] MedianError, double[] Bias, double[]? Coverage, double[]? Width);

/// <summary>Percentiles 10, 50 and 90 of a ratio.</summary>
/// <param name="Ratio">Its name.</param>
/// <param name="Real">[3] of real cells.</param>
/// <param name="Simulated">[3] of simulated ones.</param>
internal sealed record RatioComparison(string Ratio, double[] Real, double[] Simulated);
