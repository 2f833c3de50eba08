namespace GlifMl.Onnx;

/// <summary>The window that a layer moves over time.</summary>
/// <param name="Kernel">Samples in the window.</param>
/// <param name="Stride">Samples from one window to the next.</param>
/// <param name="PadBefore">Samples put before the first.</param>
/// <param name="PadAfter">Samples put after the last.</param>
/// <param name="Dilation">Distance of neighbours within the window, samples.</param>
public sealed record TimeWindow(long Kernel, long Stride = 1, long PadBefore = 0, long PadAfter = 0, long Dilation = 1)
{
    /// <summary>Samples from the window's first to its last, both included.</summary>
    public long Span => (Dilation * (Kernel - 1)) + 1;

    /// <summary>The node attributes of the window but for its dilation, which not every operator has.</summary>
    internal IEnumerable<(string Name, OnnxAttributeValue Value)> Attributes =>
        [("kernel_shape", new[] { Kernel }), ("strides", new[] { Stride }), ("pads", new[] { PadBefore, PadAfter })];

    /// <summary>Windows that fit a trace.</summary>
    /// <param name="samples">Samples of the trace.</param>
    /// <returns>Their number, at least 1.</returns>
    /// <exception cref="ArgumentException">Not one fits.</exception>
    public long OutputLength(long samples)
    {
        var free = samples + PadBefore + PadAfter - Span;
        return free >= 0
            ? (free / Stride) + 1
            : throw new ArgumentException($"a window of {Span} samples does not fit {samples + PadBefore + PadAfter}", nameof(samples));
    }
}
