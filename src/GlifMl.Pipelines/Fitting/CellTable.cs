using System.Globalization;
using System.Text;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// cells.csv, one row a cell: <c>cell, status, reason, sweeps</c>, the parameters by their Allen keys (SI units, above
/// <c>El_reference</c>), their uncertainty as <c>score</c> writes it, and how the neuron does under the cell's currents.
/// </summary>
internal static class CellTable
{
    private static readonly double[] Levels = [0.05, 0.25, 0.5, 0.75, 0.95];

    // Standard normal quantiles of these.
    private static readonly double[] Normal = [-1.6449, -0.6745, 0, 0.6745, 1.6449];

    /// <summary>Writes the table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fits">A row each.</param>
    /// <param name="refines">Whether there are columns of the refined neurons.</param>
    public static void Write(string path, IReadOnlyList<CellFit> fits, bool refines)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', Columns(refines)).Append('\n');
        foreach (var fit in fits)
        {
            string[] cells =
            [
                fit.Cell,
                fit.Status,
                fit.Reason,
                fit.Sweeps?.Numbers() ?? "",
                .. Values(fit).Select(value => value.ToString("R", CultureInfo.InvariantCulture)),
                Number(fit.Published?.ExplainedVariance),
                Invariant.Text($"{fit.SpikesRecorded}"),
                Invariant.Text($"{fit.Published?.Spikes ?? 0}"),
                Number(fit.Reading is null ? null : fit.Reading.RestMv * 1e-3),
                Number(fit.Published is null ? null : fit.Published.SubthresholdErrorMv * 1e-3),
                .. refines
                    ? new[]
                    {
                        Invariant.Text($"{fit.Refined?.Level}"),
                        Number(fit.Refined?.Best.ExplainedVariance),
                        Invariant.Text($"{fit.Refined?.Best.Spikes}"),
                    }
                    : [],
            ];
            text.AppendJoin(',', cells.Select(ScoreFile.Quoted)).Append('\n');
        }
        AtomicFile.WriteAllText(path, text.ToString());
    }

    /// <summary>The parameters and their uncertainty, by column.</summary>
    public static IEnumerable<KeyValuePair<string, double>> Named(CellFit fit) =>
        ParameterColumns.Zip(Values(fit), (name, value) => KeyValuePair.Create(name, value));

    private static IEnumerable<string> ParameterColumns => [.. GlifParameter.Keys, .. UncertaintyColumns.Names(GlifParameter.Keys)];

    private static IEnumerable<string> Columns(bool refines) =>
        [
            "cell",
            "status",
            "reason",
            "sweeps",
            .. ParameterColumns,
            "explained_variance",
            "spikes_recorded",
            "spikes_simulated",
            "El_reference",
            "subthreshold_error",
            .. refines ? new[] { "refined_level", "refined_explained_variance", "refined_spikes_simulated" } : [],
        ];

    private static IEnumerable<double> Values(CellFit fit)
    {
        if (fit.Reading is not { } reading || fit.Published is not { } published)
            return ParameterColumns.Select(_ => double.NaN);
        var neuron = published.Neuron;
        return
        [
            .. GlifParameter.Keys.Select(neuron.Get),
            .. GlifParameter.Keys.SelectMany(key =>
                key switch
                {
                    GlifParameter.Capacitance => Logarithmic(neuron.Get(key), reading, CellReading.Capacitance),
                    GlifParameter.InputResistance => Logarithmic(neuron.Get(key), reading, CellReading.Resistance),
                    GlifParameter.Threshold => Logarithmic(neuron.Get(key), reading, CellReading.Threshold),
                    GlifParameter.RestingPotential => Rest(reading),
                    // Known, not read.
                    _ => Enumerable.Repeat(neuron.Get(key), Levels.Length).Prepend(0).Append(1),
                }
            ),
        ];
    }

    // Deviation, quantiles, and the share of what was not known before that is known now.
    private static IEnumerable<double> Logarithmic(double value, CellReading reading, int parameter)
    {
        var deviation = reading.Deviations[parameter];
        var variance = Math.Exp(deviation * deviation);
        yield return value * Math.Sqrt(variance * (variance - 1));
        foreach (var z in Normal)
            yield return value * Math.Exp(z * deviation);
        yield return Math.Max(0, 1 - Math.Pow(deviation / CellRatio.PopulationDeviations[parameter], 2));
    }

    private static IEnumerable<double> Rest(CellReading reading)
    {
        var deviation = reading.RestDeviationMv * 1e-3;
        return [deviation, .. Normal.Select(z => z * deviation), double.IsFinite(deviation) ? 1 : 0];
    }

    private static string Number(double? value) =>
        value is { } number ? ((float)number).ToString("R", CultureInfo.InvariantCulture) : "NaN";
}
