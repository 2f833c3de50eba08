namespace GlifMl.Simulation;

/// <summary>
/// What one sweep of current clamp tells of its cell, in numbers: the input of every reading of real recordings. Voltages are mV above the
/// baseline unless they say otherwise, times ms, currents pA above the holding current; NaN is what the sweep does not tell.
/// </summary>
internal sealed record SweepFeatures
{
    /// <summary>Names of <see cref="CopyTo"/>'s numbers, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Columns.Select(column => column.Name)];

    /// <summary>What kind of sweep it is.</summary>
    public SweepKind Kind { get; init; }

    /// <summary>Whether it is a step of current that is longer than a pulse.</summary>
    public bool IsStep => Kind is SweepKind.Firing or SweepKind.Depolarising or SweepKind.Hyperpolarising;

    /// <summary>Membrane potential before any current, mV, absolute.</summary>
    public double RestMv { get; init; } = double.NaN;

    /// <summary>Membrane potential right before the stimulus, mV, absolute: what the others are measured from.</summary>
    public double BaselineMv { get; init; } = double.NaN;

    /// <summary>Standard deviation of white noise, mV.</summary>
    public double NoiseMv { get; init; } = double.NaN;

    /// <summary>Membrane potential at the end less that at the beginning, mV.</summary>
    public double DriftMv { get; init; } = double.NaN;

    /// <summary>The steady current before the stimulus, pA.</summary>
    public double HoldingPa { get; init; }

    /// <summary>The step's current; of a ramp the last, of a waveform the mean.</summary>
    public double StepPa { get; init; }

    /// <summary>How long the stimulus lasts, ms.</summary>
    public double StepMs { get; init; } = double.NaN;

    /// <summary>Spikes under the stimulus.</summary>
    public int SpikeCount { get; init; }

    /// <summary>From the stimulus to the first spike.</summary>
    public double LatencyMs { get; init; } = double.NaN;

    /// <summary>Between the first two spikes.</summary>
    public double FirstIntervalMs { get; init; } = double.NaN;

    /// <summary>Between spikes, mean.</summary>
    public double MeanIntervalMs { get; init; } = double.NaN;

    /// <summary>Between the last two spikes.</summary>
    public double LastIntervalMs { get; init; } = double.NaN;

    /// <summary>10 ms after the step begins, where no spike came before.</summary>
    public double At10Ms { get; init; } = double.NaN;

    /// <summary>Mean from 73 to 93 % of the step, spikes included.</summary>
    public double LateMeanMv { get; init; } = double.NaN;

    /// <summary>The same without 1 ms before and 5 ms after each spike's threshold.</summary>
    public double BetweenSpikesMv { get; init; } = double.NaN;

    /// <summary>Mean of the lowest potentials between spikes.</summary>
    public double TroughMv { get; init; } = double.NaN;

    /// <summary>Mean of the spikes' peaks.</summary>
    public double PeakMv { get; init; } = double.NaN;

    /// <summary>Median threshold, at 20 V/s, of all spikes but the first; of the only one where it is alone.</summary>
    public double ThresholdMv { get; init; } = double.NaN;

    /// <summary>Threshold of the first spike.</summary>
    public double FirstThresholdMv { get; init; } = double.NaN;

    /// <summary>Steady potential of a step without spikes: its last fifth.</summary>
    public double SteadyMv { get; init; } = double.NaN;

    /// <summary>Largest deflection of a step without spikes, averaged over 5 ms.</summary>
    public double DeflectionMv { get; init; } = double.NaN;

    /// <summary>Time constant of the way from a tenth of the largest deflection to 95 % of it.</summary>
    public double TimeConstantMs { get; init; } = double.NaN;

    /// <summary>The onset's resistance and capacitance.</summary>
    public OnsetFit Onset { get; init; } = OnsetFit.None;

    /// <summary>Regression of the whole stimulus between spikes.</summary>
    public NoiseRegression Regression { get; init; } = NoiseRegression.None;

    /// <summary>Of noise that it fires under: with which threshold a GLIF1 would fire as often.</summary>
    public CountedThreshold Counted { get; init; } = CountedThreshold.None;

    /// <summary>That threshold, where R and C are known.</summary>
    public double CountedThresholdMv { get; init; } = double.NaN;

    /// <summary>A test pulse's current, pA.</summary>
    public double TestPulsePa { get; init; } = double.NaN;

    /// <summary>A test pulse's deflection at its end.</summary>
    public double TestPulseMv { get; init; } = double.NaN;

    /// <summary>A test pulse's length, ms.</summary>
    public double TestPulseMs { get; init; } = double.NaN;

    private static (string Name, Func<SweepFeatures, double> Of)[] Columns =>
        [
            ("kind", f => (int)f.Kind),
            ("noise", f => f.NoiseMv),
            ("drift", f => f.DriftMv),
            ("step_pA", f => f.StepPa),
            ("step_ms", f => f.StepMs),
            ("spikes", f => f.SpikeCount),
            ("latency", f => f.LatencyMs),
            ("first_interval", f => f.FirstIntervalMs),
            ("mean_interval", f => f.MeanIntervalMs),
            ("last_interval", f => f.LastIntervalMs),
            ("at_10_ms", f => f.At10Ms),
            ("late_mean", f => f.LateMeanMv),
            ("between_spikes", f => f.BetweenSpikesMv),
            ("trough", f => f.TroughMv),
            ("peak", f => f.PeakMv),
            ("threshold", f => f.ThresholdMv),
            ("first_threshold", f => f.FirstThresholdMv),
            ("steady", f => f.SteadyMv),
            ("deflection", f => f.DeflectionMv),
            ("time_constant", f => f.TimeConstantMs),
            ("onset_R", f => f.Onset.ResistanceMegaohms),
            ("onset_C", f => f.Onset.CapacitancePicofarads),
            ("onset_R_sd", f => f.Onset.ResistanceDeviation),
            ("onset_C_sd", f => f.Onset.CapacitanceDeviation),
            ("onset_dendrite", f => f.Onset.DendriteShare),
            ("onset_leak_fall", f => f.Onset.LeakFall),
            ("onset_bridge", f => f.Onset.BridgeMegaohms),
            ("onset_residual", f => f.Onset.ResidualMv),
            ("onset_ms", f => f.Onset.Seconds * 1e3),
            ("regression_R", f => f.Regression.ResistanceMegaohms),
            ("regression_C", f => f.Regression.CapacitancePicofarads),
            ("test_pulse_pA", f => f.TestPulsePa),
            ("test_pulse", f => f.TestPulseMv),
        ];

    private static readonly Func<SweepFeatures, double>[] Readers = [.. Columns.Select(column => column.Of)];

    /// <summary>Measures a sweep.</summary>
    /// <param name="voltageMv">Membrane potential, mV; NaN where a sample is missing.</param>
    /// <param name="currentPa">Current, pA, as long.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="isAbsolute">
    /// Whether potentials are measured from the bath, and spikes are there to be found; else from rest, as a simulated GLIF's are, where
    /// each stretch of NaN is a spike. Default: true.
    /// </param>
    public static SweepFeatures Of(
        ReadOnlySpan<float> voltageMv,
        ReadOnlySpan<float> currentPa,
        double dtSeconds,
        bool isAbsolute = true
    ) =>
        SweepMeasuring.Of(
            voltageMv,
            currentPa,
            dtSeconds,
            StimulusForm.Of(currentPa, dtSeconds),
            SweepSpike.Of(voltageMv, dtSeconds, isAbsolute)
        );

    /// <summary>The numbers that <see cref="Names"/> names; NaN where there is none.</summary>
    /// <param name="values">Takes as many.</param>
    public void CopyTo(Span<float> values)
    {
        for (var i = 0; i < Readers.Length; i++)
            values[i] = (float)Readers[i](this);
    }
}

/// <summary>What kind of sweep it is, as far as reading a cell from it goes.</summary>
internal enum SweepKind
{
    /// <summary>No stimulus: rest and noise alone.</summary>
    Rest,

    /// <summary>A short square.</summary>
    Pulse,

    /// <summary>A step that the cell fires under.</summary>
    Firing,

    /// <summary>A depolarising step below threshold.</summary>
    Depolarising,

    /// <summary>A hyperpolarising step.</summary>
    Hyperpolarising,

    /// <summary>A ramp.</summary>
    Ramp,

    /// <summary>Noise, or any other waveform.</summary>
    Waveform,
}
