using GlifMl.Datasets;
using GlifMl.Simulation;

namespace GlifMl;

/// <summary>What a sweep tells before any model reads it: rest, noise, drift, test pulse and spikes.</summary>
public sealed record SweepMeasures
{
    // Stretches whose medians tell a drift.
    private const double DriftSeconds = 0.05;
    private const int FewestSamples = 10;

    // After an afterhyperpolarisation that is slow.
    private const double LongestTroughSeconds = 0.1;

    // The median absolute deviation of normal noise, in standard deviations.
    private const double NormalDeviation = 0.6745;

    /// <summary>
    /// The median voltage before the stimulus, mV; null where nothing precedes it. Of a voltage measured from rest, near 0.
    /// </summary>
    public double? RestMv { get; private init; }

    /// <summary>The steady current before the stimulus, pA; 0 where there was none, null where the current is not known.</summary>
    public double? HoldingPa { get; private init; }

    /// <summary>When the current first changes, s by the sweep's own clock; null where it does not, or is not known.</summary>
    public double? OnsetSeconds { get; private init; }

    /// <summary>The standard deviation of the noise, mV, from differences of successive samples before the stimulus; a slow wave is not
    /// in it. Null where too little precedes the stimulus.</summary>
    public double? NoiseMv { get; private init; }

    /// <summary>
    /// The voltage at the end, where the current is what it was before the stimulus, less that at the beginning, mV; null where the current
    /// does not come back.
    /// </summary>
    public double? DriftMv { get; private init; }

    /// <summary>The test pulse before the stimulus; null where there is none.</summary>
    public TestPulse? TestPulse { get; private init; }

    /// <summary>The current that is furthest from the holding current, less that, pA; null where the current is not known.</summary>
    public double? PeakPa { get; private init; }

    /// <summary>The spikes, in order of time; none where voltages are measured from rest, as a simulated GLIF's are.</summary>
    public IReadOnlyList<RecordedSpike> Spikes { get; private init; } = [];

    /// <summary>The median threshold over all spikes but the first, mV; that of the first where it is alone. Null without spikes.</summary>
    public double? ThresholdMv =>
        Spikes.Count == 0 ? null : Median([.. Spikes.Skip(Spikes.Count > 1 ? 1 : 0).Select(spike => spike.ThresholdMv)]);

    /// <summary>The threshold of the first spike, mV; null without spikes. It is lower than that of later ones.</summary>
    public double? FirstThresholdMv => Spikes.Count == 0 ? null : Spikes[0].ThresholdMv;

    /// <summary>
    /// How long a GLIF of this cell is refractory, s; null without spikes. After Teeter et al. 2018: the time after which the voltage
    /// depends least on the spike, once what it depends on the voltage at its start is taken off.
    /// </summary>
    public double? SpikeCutSeconds { get; private init; }

    /// <summary>Measures a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <returns>What it tells.</returns>
    public static SweepMeasures Of(Sweep sweep)
    {
        var (voltage, dt) = (sweep.VoltageMv, sweep.SamplingIntervalSeconds);
        var spikes = sweep.IsAbsolute ? SpikeTimes(sweep) : [];
        if (sweep.CurrentPa is not { } current)
            return new SweepMeasures { Spikes = spikes, SpikeCutSeconds = SpikeCutLength.Of(spikes, sweep) };
        var (holding, threshold) = SteadyCurrent.Of(current, dt);
        var onset = SteadyCurrent.Onset(current, holding, threshold);
        var before = voltage.AsSpan(0, Math.Max(onset, 0));
        return new SweepMeasures
        {
            Spikes = spikes,
            SpikeCutSeconds = SpikeCutLength.Of(spikes, sweep),
            RestMv = onset > 0 ? Median([.. Finite(before)]) : null,
            HoldingPa = holding,
            OnsetSeconds = onset >= 0 ? sweep.StartSeconds + (onset * dt) : null,
            NoiseMv = Noise(before),
            DriftMv = onset > 0 ? Drift(voltage, current, onset, holding, threshold, dt) : null,
            TestPulse = onset >= 0 ? Pulse(sweep, current, onset, holding, threshold) : null,
            PeakPa = current.Where(float.IsFinite).Select(c => c - holding).DefaultIfEmpty(0).MaxBy(Math.Abs),
        };
    }

    private static List<RecordedSpike> SpikeTimes(Sweep sweep)
    {
        var dt = sweep.SamplingIntervalSeconds;
        var spikes = SpikeDetector.Detect(sweep.VoltageMv.AsSpan(), dt);
        return
        [
            .. spikes.Select(
                (spike, k) =>
                {
                    // Where the next one begins, or when a cell is at its lowest at the latest.
                    var end = Math.Min(
                        k + 1 < spikes.Count ? spikes[k + 1].CutoffIndex : sweep.VoltageMv.Length,
                        spike.PeakIndex + (int)Math.Ceiling(LongestTroughSeconds / dt)
                    );
                    return new RecordedSpike(
                        spike.CutoffIndex,
                        sweep.StartSeconds + (spike.CutoffIndex * dt),
                        spike.CutoffMv,
                        sweep.StartSeconds + spike.PeakSeconds,
                        spike.PeakMv,
                        (Lowest(sweep.VoltageMv, spike.PeakIndex, end) - spike.CutoffIndex) * dt
                    );
                }
            ),
        ];
    }

    private static int Lowest(float[] voltage, int from, int to)
    {
        var lowest = from;
        for (var i = from; i < to; i++)
        {
            if (voltage[i] < voltage[lowest])
                lowest = i;
        }
        return lowest;
    }

    private static double? Noise(ReadOnlySpan<float> voltage)
    {
        var differences = new List<double>();
        for (var i = 1; i < voltage.Length; i++)
        {
            var difference = (double)voltage[i] - voltage[i - 1];
            if (double.IsFinite(difference))
                differences.Add(Math.Abs(difference));
        }
        // A file written to three decimals repeats itself: there the median is 0 and says nothing, and the mean square does.
        return differences.Count < FewestSamples ? null
            : Median([.. differences]) is > 0 and var median ? median / NormalDeviation / Math.Sqrt(2)
            : Math.Sqrt(differences.Average(d => d * d) / 2);
    }

    private static double? Drift(float[] voltage, float[] current, int onset, double holding, double threshold, double dt)
    {
        var last = Array.FindLastIndex(current, c => Math.Abs(c - holding) > threshold);
        var samples = (int)Math.Ceiling(DriftSeconds / dt);
        // The membrane is still on its way back right after the stimulus.
        if (voltage.Length - last - 1 < 2 * samples)
            return null;
        float[] begin = [.. Finite(voltage.AsSpan(0, Math.Min(onset, samples)))];
        float[] end = [.. Finite(voltage.AsSpan(voltage.Length - samples))];
        return begin.Length < FewestSamples || end.Length < FewestSamples ? null : Median(end) - Median(begin);
    }

    private static TestPulse? Pulse(Sweep sweep, float[] current, int onset, double holding, double threshold)
    {
        var dt = sweep.SamplingIntervalSeconds;
        if (SteadyCurrent.TestPulse(current, dt, holding, threshold, onset) is not (var end, var next))
            return null;
        float[] pulse = [.. Finite(current.AsSpan(onset, end - onset))];
        return new TestPulse(
            sweep.StartSeconds + (onset * dt),
            (end - onset) * dt,
            Median(pulse) - holding,
            sweep.StartSeconds + (next * dt),
            onset > 0 ? sweep.VoltageMv[end - 1] - Median([.. Finite(sweep.VoltageMv.AsSpan(0, onset))]) : double.NaN
        );
    }

    private static float[] Finite(ReadOnlySpan<float> values)
    {
        var finite = new List<float>(values.Length);
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                finite.Add(value);
        }
        return [.. finite];
    }

    private static double Median(float[] values) => Median(Array.ConvertAll(values, v => (double)v));

    private static double Median(double[] values)
    {
        if (values.Length == 0)
            return double.NaN;
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}

/// <summary>A spike of a recorded neuron.</summary>
/// <param name="Sample">The last sample before its slope passes 20 V/s.</param>
/// <param name="Seconds">The time of that, s by the sweep's own clock.</param>
/// <param name="ThresholdMv">The membrane potential there, mV.</param>
/// <param name="PeakSeconds">The time of its peak, s.</param>
/// <param name="PeakMv">The membrane potential at its peak, mV.</param>
/// <param name="TroughSeconds">How long after its start the membrane potential is lowest, s.</param>
public sealed record RecordedSpike(int Sample, double Seconds, double ThresholdMv, double PeakSeconds, double PeakMv, double TroughSeconds);

/// <summary>A pulse that tests the pipette, before the stimulus.</summary>
/// <param name="StartSeconds">When it begins, s by the sweep's own clock.</param>
/// <param name="Seconds">How long it lasts, s.</param>
/// <param name="Picoamperes">Its current above the holding current, pA.</param>
/// <param name="NextSeconds">When the current changes again after it, s.</param>
/// <param name="Millivolts">The voltage at its end above that before it, mV.</param>
public sealed record TestPulse(double StartSeconds, double Seconds, double Picoamperes, double NextSeconds, double Millivolts);
