using GlifMl.Onnx;

namespace GlifMl;

/// <summary>A recording made into a model's input.</summary>
/// <param name="VoltageMv">Voltage in mV, as many samples as the model reads.</param>
/// <param name="StimulusPa">Stimulus in pA, as many samples; <see langword="null"/> where the current is not known.</param>
/// <param name="SamplingIntervalSeconds">Time between these samples, in s.</param>
/// <param name="RestMv">The resting membrane potential that was subtracted, in mV; <see langword="null"/> where none was.</param>
/// <param name="Notes">What was done to the recording, one sentence each.</param>
/// <param name="OutOfRange">Where the input lies against the training data, one entry a statistic that the model's metadata know.</param>
public sealed record PreparedRecording(
    float[] VoltageMv,
    float[]? StimulusPa,
    double SamplingIntervalSeconds,
    double? RestMv,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RangeMeasure> OutOfRange
);
