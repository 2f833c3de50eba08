namespace GlifMl.Onnx;

/// <summary>Writes the small layers around a sequence model as ONNX nodes.</summary>
internal static class OnnxLayers
{
    /// <summary>Lays traces side by side as the channels of one sequence.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="traces">The traces, each <c>[N, T]</c>, all of one length.</param>
    /// <returns><c>[N, T, traces]</c>.</returns>
    /// <exception cref="ArgumentException">There is no trace, or they differ in shape.</exception>
    public static OnnxValue StackChannels(OnnxGraph graph, params IReadOnlyList<OnnxValue> traces)
    {
        if (traces.Count == 0 || traces.Any(t => t.Dims.Count != 1 || t.Dims[0] != traces[0].Dims[0]))
            throw new ArgumentException(
                $"channels: found {string.Join(" ", traces.Select(t => $"[{string.Join(", ", t.Dims)}]"))}; expected traces of one length",
                nameof(traces)
            );
        var axes = graph.Integers(2);
        string[] columns = [.. traces.Select(t => graph.Node("Unsqueeze", [t.Name, axes]))];
        var stacked = columns.Length == 1 ? columns[0] : graph.Node("Concat", columns, ("axis", 2L));
        return new OnnxValue(stacked, traces[0].Dims[0], columns.Length);
    }

    /// <summary>Counts the samples of traces that end in NaN, and replaces the NaN by 0.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="trace"><c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one sample side by side; NaN only at the end.</param>
    /// <param name="channels">Channels C of a sample.</param>
    /// <returns>The trace <c>[N, T, C]</c> without NaN, and the samples of each row, 32-bit integers <c>[N]</c>.</returns>
    public static (OnnxValue Trace, string Lengths) ValidSamples(OnnxGraph graph, OnnxValue trace, int channels)
    {
        const long Int32 = 6; // TensorProto.DataType
        var steps = trace.Size / channels;
        var x = graph.Node("Reshape", [trace.Name, graph.Integers(0, steps, channels)]);
        var isNaN = graph.Node("IsNaN", [x]);
        var first = graph.Node("Gather", [isNaN, graph.Integers(0)], ("axis", 2L));
        var valid = graph.Node("Cast", [graph.Node("Not", [first])], ("to", (long)OnnxElementType.Single));
        var count = graph.Node("ReduceSum", [valid, graph.Integers(1, 2)], ("keepdims", 0L));
        return (
            new OnnxValue(graph.Node("Where", [isNaN, graph.Constant(0f), x]), steps, channels),
            graph.Node("Cast", [count], ("to", Int32))
        );
    }

    /// <summary>The mean over time.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="sequence"><c>[N, T, C]</c>.</param>
    /// <param name="lengths">Valid samples of each row, 32-bit integers <c>[N]</c>, beyond which the sequence is 0; empty: all.</param>
    /// <returns><c>[N, C]</c>.</returns>
    public static OnnxValue MeanOverTime(OnnxGraph graph, OnnxValue sequence, string lengths = "")
    {
        if (sequence.Dims is not [_, var channels])
            throw new ArgumentException(
                $"mean over time: found [N, {string.Join(", ", sequence.Dims)}]; expected [N, T, C]",
                nameof(sequence)
            );
        if (lengths.Length > 0)
        {
            var sum = graph.Node("ReduceSum", [sequence.Name, graph.Integers(1)], ("keepdims", 0L));
            var count = graph.Node("Unsqueeze", [graph.Node("Cast", [lengths], ("to", (long)OnnxElementType.Single)), graph.Integers(1)]);
            return new OnnxValue(graph.Node("Div", [sum, count]), channels);
        }

        return new OnnxValue(graph.Node("ReduceMean", [sequence.Name], ("axes", new long[] { 1 }), ("keepdims", 0L)), channels);
    }

    /// <summary>Values side by side in each row.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="values">The values, each <c>[N, size]</c>.</param>
    /// <returns><c>[N, sum of sizes]</c>.</returns>
    public static OnnxValue Concatenate(OnnxGraph graph, params IReadOnlyList<OnnxValue> values) =>
        values.Count == 1
            ? values[0]
            : new OnnxValue(graph.Node("Concat", values.Select(v => v.Name), ("axis", 1L)), values.Sum(v => v.Size));

    /// <summary>
    /// Layer normalisation over the last dimension (Ba et al. 2016, arXiv:1607.06450): (x - mean) / sqrt(variance + epsilon) * scale +
    /// bias.
    /// </summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">What to normalise.</param>
    /// <param name="scale">The gains, one for each number of the last dimension.</param>
    /// <param name="bias">The offsets, as many.</param>
    /// <param name="epsilon">Added to the variance; torch's default is 1e-5.</param>
    /// <returns>A value of the input's shape.</returns>
    public static OnnxValue LayerNormalization(
        OnnxGraph graph,
        OnnxValue input,
        ReadOnlySpan<float> scale,
        ReadOnlySpan<float> bias,
        float epsilon = 1e-5f
    )
    {
        var normalised = graph.Node(
            "LayerNormalization",
            [input.Name, graph.Constant(scale, scale.Length), graph.Constant(bias, bias.Length)],
            ("axis", -1L),
            ("epsilon", epsilon)
        );
        return input with { Name = normalised };
    }

    /// <summary>A linear layer over the last dimension, weights as torch.nn.Linear keeps them: y = x W^T + b.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input"><c>[N, ..., inputs]</c>.</param>
    /// <param name="weights"><c>[outputs, inputs]</c>, row-major.</param>
    /// <param name="bias"><c>[outputs]</c>.</param>
    /// <returns><c>[N, ..., outputs]</c>.</returns>
    /// <exception cref="ArgumentException">The last dimension is not what the weights read.</exception>
    public static OnnxValue Linear(OnnxGraph graph, OnnxValue input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        long outputs = bias.Length,
            inputs = weights.Length / bias.Length;
        if (input.Dims[^1] != inputs)
            throw new ArgumentException(
                $"linear layer: found {input.Dims[^1]} numbers; expected {inputs}, which the weights read",
                nameof(input)
            );
        if (input.Dims.Count == 1)
        {
            var product = graph.Node(
                "Gemm",
                [input.Name, graph.Constant(weights, outputs, inputs), graph.Constant(bias, outputs)],
                ("transB", 1L)
            );
            return new OnnxValue(product, outputs);
        }

        var transposed = graph.Node("Transpose", [graph.Constant(weights, outputs, inputs)], ("perm", new long[] { 1, 0 }));
        var sum = graph.Node("Add", [graph.Node("MatMul", [input.Name, transposed]), graph.Constant(bias, outputs)]);
        return new OnnxValue(sum, [.. input.Dims.SkipLast(1), outputs]);
    }

    /// <summary>
    /// Batch normalisation with fixed statistics (Ioffe &amp; Szegedy 2015, arXiv:1502.03167): (x - mean) / sqrt(variance + epsilon) *
    /// scale + bias.
    /// </summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input"><c>[N, C]</c> or <c>[N, C, T]</c>.</param>
    /// <param name="scale">The gains, one a channel.</param>
    /// <param name="bias">The offsets, one a channel.</param>
    /// <param name="mean">The means, one a channel.</param>
    /// <param name="variance">The variances, one a channel.</param>
    /// <param name="epsilon">Added to the variance; torch's default is 1e-5.</param>
    /// <returns>A value of the input's shape.</returns>
    /// <exception cref="ArgumentException">The channels are not as many as the means.</exception>
    public static OnnxValue BatchNormalization(
        OnnxGraph graph,
        OnnxValue input,
        ReadOnlySpan<float> scale,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        float epsilon = 1e-5f
    )
    {
        if (input.Dims[0] != mean.Length)
            throw new ArgumentException($"batch normalisation: found {input.Dims[0]} channels; expected {mean.Length}", nameof(input));
        long channels = mean.Length;
        var normalised = graph.Node(
            "BatchNormalization",
            [
                input.Name,
                graph.Constant(scale, channels),
                graph.Constant(bias, channels),
                graph.Constant(mean, channels),
                graph.Constant(variance, channels),
            ],
            ("epsilon", epsilon)
        );
        return input with { Name = normalised };
    }

    /// <summary>A scale and a shift: y = x * scale + offset, each one number or one for each number of the last dimension.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">What to scale.</param>
    /// <param name="scale">The factors.</param>
    /// <param name="offset">The offsets.</param>
    /// <returns>A value of the input's shape.</returns>
    public static OnnxValue Affine(OnnxGraph graph, OnnxValue input, ReadOnlySpan<float> scale, ReadOnlySpan<float> offset)
    {
        var scaled = graph.Node("Mul", [input.Name, graph.Constant(scale, scale.Length)]);
        return input with { Name = graph.Node("Add", [scaled, graph.Constant(offset, offset.Length)]) };
    }
}
