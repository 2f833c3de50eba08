using System.Globalization;
using System.Text;

namespace GlifMl.Cli;

/// <summary>How a rig records: what a definition needs to know to train on the like of it.</summary>
internal sealed record RecordingRig
{
    // Half a wave of rounding apart, a network reads no more from finer samples; Euler's step stays far below a membrane's time constant.
    private const double FinestSeconds = 5e-5,
        CoarsestSeconds = 2e-4;
    private const int MostSamples = 10_000,
        Blocks = 200,
        MostCurrents = 8;

    // Of the sampling interval; a network that is told it must have seen it vary.
    private const double Spread = 0.1;

    // What amplifiers leave after some averaging, and what they may be at worst.
    private const double LeastNoiseMv = 0.01,
        NoiseSpread = 2;

    /// <summary>What the numbers rest on, a sentence.</summary>
    public required string From { get; init; }

    /// <summary>Time between the samples of a recording, s.</summary>
    public required double IntervalSeconds { get; init; }

    /// <summary>From where the current first changes to the end, s.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The currents' peaks, pA.</summary>
    public required IReadOnlyList<double> PeaksPa { get; init; }

    /// <summary>Noise from sample to sample, mV.</summary>
    public required double NoiseMv { get; init; }

    /// <summary>Drift from beginning to end, mV; null where it is not known.</summary>
    public double? DriftMv { get; init; }

    /// <summary>Currents that were injected, by a name that is a file's.</summary>
    public IReadOnlyList<(string Name, string Csv)> Currents { get; init; } = [];

    /// <summary>The interval that traces are simulated at, a multiple of the recording's: one sampled faster is averaged to it.</summary>
    private double StepSeconds
    {
        get
        {
            var wanted = Math.Clamp(DurationSeconds / MostSamples, FinestSeconds, CoarsestSeconds);
            return IntervalSeconds * Math.Max(1, Math.Ceiling(Math.Round(wanted / IntervalSeconds, 6)));
        }
    }

    /// <summary>Measures recordings.</summary>
    /// <param name="path">The file.</param>
    /// <param name="selection">Which of its sweeps.</param>
    /// <exception cref="InvalidDataException">No sweep of it has a current that changes.</exception>
    public static RecordingRig Of(string path, SweepSelection selection)
    {
        using var file = RecordingFile.Open(path);
        var sweeps = new List<(Sweep Sweep, SweepMeasures Measures, int Onset)>();
        foreach (var recorded in file.Select(selection))
        {
            if (!recorded.HasCurrent || recorded.Refusal is not null)
                continue;
            var sweep = recorded.Load();
            var measures = SweepMeasures.Of(sweep);
            if (measures.OnsetSeconds is { } onset)
                sweeps.Add((sweep, measures, (int)Math.Round((onset - sweep.StartSeconds) / sweep.SamplingIntervalSeconds)));
        }

        if (sweeps.Count == 0)
            throw new InvalidDataException(
                $"{path}: found no sweep with a current that changes; expected one, or --sampling-rate, --duration, --current and --noise"
            );
        var interval = sweeps.Max(s => s.Sweep.SamplingIntervalSeconds);
        var rig = new RecordingRig
        {
            From =
                $"Sampling, length, currents and noise are those of {sweeps.Count} {(sweeps.Count == 1 ? "sweep" : "sweeps")} of "
                + $"{Path.GetFileName(path)}.",
            IntervalSeconds = interval,
            DurationSeconds = sweeps.Min(s => (s.Sweep.VoltageMv.Length - s.Onset) * s.Sweep.SamplingIntervalSeconds),
            PeaksPa = [.. sweeps.Select(s => s.Measures.PeakPa ?? 0)],
            NoiseMv = Median([.. sweeps.Select(s => s.Measures.NoiseMv ?? 0)]),
            // What a cell does after its spikes is no drift.
            DriftMv = sweeps.Where(s => s.Measures.Spikes.Count == 0).Max(s => s.Measures.DriftMv is { } d ? Math.Abs(d) : (double?)null),
        };
        return rig with
        {
            Currents =
            [
                .. sweeps
                    .DistinctBy(s => s.Measures.PeakPa)
                    .Take(MostCurrents)
                    .Select(s => ($"sweep-{s.Sweep.Number.ToString(CultureInfo.InvariantCulture)}", rig.CsvOf(s.Sweep, s.Onset))),
            ],
        };
    }

    /// <summary>The definition, filled in.</summary>
    /// <param name="template">It, with names in angle brackets.</param>
    /// <param name="ownCurrents">The lines of the currents that were injected.</param>
    public string Fill(string template, string ownCurrents)
    {
        // The longest interval must fit the recording's length, too.
        var whole = (int)(DurationSeconds / (StepSeconds * (1 + Spread)));
        var block = Math.Max(1, Math.Min(whole, MostSamples) / Blocks);
        var samples = Math.Max(1, Math.Min(whole, MostSamples) / block) * block;
        var (lowest, highest) = (PeaksPa.Min(), PeaksPa.Max());
        var most = Math.Max(Math.Abs(lowest), Math.Abs(highest));
        var noise = Math.Max(NoiseMv, LeastNoiseMv);
        var values = new Dictionary<string, string>
        {
            ["from"] = From,
            ["least-dt"] = Number(StepSeconds * (1 - Spread)),
            ["most-dt"] = Number(StepSeconds * (1 + Spread)),
            ["samples"] = samples.ToString(CultureInfo.InvariantCulture),
            ["length"] =
                $"{Number(samples * StepSeconds)} s of the recording's {Number(DurationSeconds)} s behind where its current begins",
            ["noise"] =
                $"sd_mv: {Number(noise / NoiseSpread)}, most_sd_mv: {Number(noise * NoiseSpread)}"
                + (DriftMv is { } drift ? $", drift_mv: {Number(drift)}" : "")
                + ", current_gain_sd: 0.02",
            ["noise-from"] = $"measured: {Number(NoiseMv)} mV; each trace has one between half and twice that",
            ["least-mean"] = Number(most / 5),
            ["most-mean"] = Number(most),
            ["least-step"] = Number(highest > lowest ? lowest : Math.Min(highest, highest / 3)),
            ["most-step"] = Number(highest > lowest ? highest : Math.Max(highest, highest / 3)),
            ["block"] = block.ToString(CultureInfo.InvariantCulture),
        };
        var text = template.Replace("<own-currents>\n", ownCurrents.Length > 0 ? $"{ownCurrents}\n" : "", StringComparison.Ordinal);
        return values.Aggregate(text, (filled, value) => filled.Replace($"<{value.Key}>", value.Value, StringComparison.Ordinal));
    }

    /// <summary>A current as a file of a row a sample.</summary>
    public static string Csv(IReadOnlyList<double> picoamperes, double interval)
    {
        var text = new StringBuilder("time_s,current_pA\n");
        foreach (var (n, pa) in picoamperes.Index())
            text.Append(CultureInfo.InvariantCulture, $"{Math.Round(n * interval, 9):R},{pa:G6}\n");
        return text.ToString();
    }

    /// <summary>What a sweep injected beyond its holding current, from where it first changes, as means over the traces' step.</summary>
    private string CsvOf(Sweep sweep, int onset)
    {
        var (current, interval) = (sweep.CurrentPa!, sweep.SamplingIntervalSeconds);
        var (holding, _) = SteadyCurrent.Of(current, interval);
        var group = Math.Max(1, (int)Math.Round(StepSeconds / interval));
        var means = new List<double>();
        for (var at = onset; at + group <= current.Length; at += group)
        {
            var mean = current.AsSpan(at, group).ToArray().Where(float.IsFinite).Select(pa => pa - holding).DefaultIfEmpty(0).Average();
            means.Add(mean);
        }

        return Csv(means, group * interval);
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
