using GlifMl.Onnx;

namespace GlifMl;

/// <summary>One sweep of a current-clamp recording, evenly sampled.</summary>
/// <param name="SamplingIntervalSeconds">Time between samples, in s.</param>
/// <param name="VoltageMv">Membrane potential in mV; NaN where a sample is missing.</param>
/// <param name="CurrentPa">Injected current in pA, as many samples; <see langword="null"/> where it is not known.</param>
/// <param name="IsAbsolute">
/// Whether voltages are measured from the bath, as recordings are; otherwise from rest, as GLIF traces are.
/// </param>
public sealed record Recording(double SamplingIntervalSeconds, float[] VoltageMv, float[]? CurrentPa = null, bool IsAbsolute = true)
{
    /// <summary>
    /// The time of the first sample by the recording's own clock, in s: what <see cref="RecordingOptions.StartSeconds"/> and the times in
    /// notes and messages count by. Default: 0.
    /// </summary>
    public double StartSeconds { get; init; }

    /// <summary>The time of a sample by the recording's own clock, in s.</summary>
    /// <param name="sample">Its number, from 0.</param>
    public double TimeOf(double sample) => StartSeconds + (sample * SamplingIntervalSeconds);
}

/// <summary>How a recording is made into a model's input.</summary>
public sealed record RecordingOptions
{
    /// <summary>
    /// When the model's input begins, in s by the recording's own clock. Default: <see langword="null"/>, the stimulus onset (the first
    /// sample whose current is not the one before the stimulus), or the first sample where the current is not known.
    /// </summary>
    public double? StartSeconds { get; init; }

    /// <summary>
    /// The resting membrane potential in mV. Default: <see langword="null"/>, the median voltage before the stimulus, which must lie
    /// between -120 and -20 mV. A voltage that is measured from rest already has a rest of 0. Ignored unless the recording is absolute and
    /// the model's voltages are measured from rest.
    /// </summary>
    public double? RestMv { get; init; }

    /// <summary>
    /// What is known of the neuron and the recording beside its trace, by Allen key, in SI units. Default: nothing. The sampling interval,
    /// dt, is the recording's own where it is not given. Ignored where the model is not told it.
    /// </summary>
    public IReadOnlyDictionary<string, double> Known { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);
}

/// <summary>A recording made into a model's input.</summary>
/// <param name="VoltageMv">Voltage in mV, as many samples as the model reads.</param>
/// <param name="StimulusPa">Stimulus in pA, as many samples; <see langword="null"/> where the current is not known.</param>
/// <param name="SamplingIntervalSeconds">Time between these samples, in s.</param>
/// <param name="RestMv">The resting membrane potential that was subtracted, in mV; <see langword="null"/> where none was.</param>
/// <param name="Notes">What was done to the recording, one sentence each.</param>
/// <param name="OutOfRange">How the input compares with the training traces, one entry a statistic that the model's metadata know.</param>
public sealed record PreparedRecording(
    float[] VoltageMv,
    float[]? StimulusPa,
    double SamplingIntervalSeconds,
    double? RestMv,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RangeMeasure> OutOfRange
)
{
    /// <summary>The holding current that was subtracted, in pA; 0 where there was none, or none was subtracted.</summary>
    public double HoldingPa { get; init; }

    /// <summary>What speaks against the recording, a sentence each. Default: nothing.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];
}
