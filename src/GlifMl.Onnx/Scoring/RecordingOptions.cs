namespace GlifMl;

/// <summary>How a recording is made into a model's input.</summary>
public sealed record RecordingOptions
{
    /// <summary>
    /// When the model's input begins, in s from the recording's first sample. Default: <see langword="null"/>, the stimulus
    /// onset (the first sample with current), or the first sample where the current is not known.
    /// </summary>
    public double? StartSeconds { get; init; }

    /// <summary>
    /// The resting membrane potential in mV. Default: <see langword="null"/>, the median voltage before the start.
    /// Ignored unless the recording is absolute and the model's voltages are measured from rest.
    /// </summary>
    public double? RestMv { get; init; }
}
