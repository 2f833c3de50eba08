namespace GlifMl.Onnx;

/// <summary>Writes layers over time, <c>[N, C, T]</c> to <c>[N, C', T']</c>, as ONNX nodes.</summary>
internal static class OnnxConvolutions
{
    /// <summary>A convolution over time (cross-correlation, as in torch.nn.Conv1d), zeros beyond the ends.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input"><c>[N, C, T]</c>, T fixed.</param>
    /// <param name="weights"><c>[outputs, C / groups, kernel]</c>, row-major.</param>
    /// <param name="bias"><c>[outputs]</c>.</param>
    /// <param name="window">Kernel, stride, padding and dilation.</param>
    /// <param name="groups">Groups that the channels are split into.</param>
    /// <returns><c>[N, outputs, T']</c>.</returns>
    /// <exception cref="ArgumentException">The channels do not fit the weights, or the window is longer than the trace.</exception>
    public static OnnxValue Convolution(
        OnnxGraph graph,
        OnnxValue input,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        TimeWindow window,
        long groups = 1
    )
    {
        var (channels, samples) = Shape(input);
        var expected = weights.Length / (bias.Length * window.Kernel) * groups;
        if (channels != expected)
            throw new ArgumentException(
                $"convolution: found {channels} channels; expected {expected}, which the weights read",
                nameof(input)
            );
        var output = window.OutputLength(samples);
        string[] inputs =
        [
            input.Name,
            graph.Constant(weights, bias.Length, channels / groups, window.Kernel),
            graph.Constant(bias, bias.Length),
        ];
        return new OnnxValue(
            graph.Node("Conv", inputs, [.. window.Attributes, ("dilations", new[] { window.Dilation }), ("group", groups)]),
            bias.Length,
            output
        );
    }

    /// <summary>The largest value of each window over time.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input"><c>[N, C, T]</c>, T fixed.</param>
    /// <param name="window">Kernel, stride, padding (with nothing: it is never the largest) and dilation.</param>
    /// <returns><c>[N, C, T']</c>.</returns>
    /// <exception cref="ArgumentException">The window is longer than the trace.</exception>
    public static OnnxValue MaxPool(OnnxGraph graph, OnnxValue input, TimeWindow window)
    {
        var (channels, samples) = Shape(input);
        var output = window.OutputLength(samples);
        // OnnxRuntime refuses padding as long as the kernel, whatever the dilation; negative infinity is never the largest either.
        if (Math.Max(window.PadBefore, window.PadAfter) >= window.Kernel)
        {
            var pads = graph.Integers(0, 0, window.PadBefore, 0, 0, window.PadAfter);
            input = input with { Name = graph.Node("Pad", [input.Name, pads, graph.Constant(float.NegativeInfinity)]) };
            window = window with { PadBefore = 0, PadAfter = 0 };
        }

        return new OnnxValue(
            graph.Node("MaxPool", [input.Name], [.. window.Attributes, ("dilations", new[] { window.Dilation })]),
            channels,
            output
        );
    }

    /// <summary>The mean of each window over time.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input"><c>[N, C, T]</c>, T fixed.</param>
    /// <param name="window">Kernel, stride and padding; it has no dilation.</param>
    /// <param name="countPadding">Whether the padding counts as zeros; otherwise the mean is over the samples that are there.</param>
    /// <returns><c>[N, C, T']</c>.</returns>
    /// <exception cref="ArgumentException">The window is longer than the trace.</exception>
    public static OnnxValue AveragePool(OnnxGraph graph, OnnxValue input, TimeWindow window, bool countPadding = true)
    {
        var (channels, samples) = Shape(input);
        var output = window.OutputLength(samples);
        return new OnnxValue(
            graph.Node("AveragePool", [input.Name], [.. window.Attributes, ("count_include_pad", countPadding ? 1L : 0L)]),
            channels,
            output
        );
    }

    private static (long Channels, long Samples) Shape(OnnxValue input) =>
        input.Dims is [{ IsFixed: true } channels, { IsFixed: true } samples]
            ? (channels.Value, samples.Value)
            : throw new ArgumentException(
                $"layer over time: found [N, {string.Join(", ", input.Dims)}]; expected [N, C, T] of fixed size",
                nameof(input)
            );
}

/// <summary>The window that a layer moves over time.</summary>
/// <param name="Kernel">Samples in the window.</param>
/// <param name="Stride">Samples from one window to the next.</param>
/// <param name="PadBefore">Samples put before the first.</param>
/// <param name="PadAfter">Samples put after the last.</param>
/// <param name="Dilation">Distance of neighbours within the window, samples.</param>
internal sealed record TimeWindow(long Kernel, long Stride = 1, long PadBefore = 0, long PadAfter = 0, long Dilation = 1)
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
            : throw new ArgumentException(
                $"window: found {samples + PadBefore + PadAfter} samples; expected at least the {Span} of one window",
                nameof(samples)
            );
    }
}
