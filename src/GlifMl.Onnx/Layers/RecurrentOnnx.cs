namespace GlifMl.Onnx;

/// <summary>Writes stacks of recurrent layers as ONNX nodes: what LSTM and GRU have in common.</summary>
internal static class RecurrentOnnx
{
    /// <summary>Adds a stack of layers, each reading the one before; initial states are zero.</summary>
    /// <returns>The last layer's sequence <c>[N, T, D H]</c> and final states <c>[N, D H]</c>.</returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given.</exception>
    public static (OnnxValue Sequence, OnnxValue FinalStates) Add(
        OnnxGraph graph,
        OnnxValue input,
        IReadOnlyList<RecurrentLayer> layers,
        string lengths,
        string name
    )
    {
        if (layers.Count == 0)
            throw new ArgumentException($"{name}: expected at least one layer, found none", nameof(layers));
        var (sequence, time) = TimeMajor(graph, input, layers[0].InputSize, name);
        var channels = layers[0].InputSize;
        var finalStates = "";
        foreach (var layer in layers)
        {
            if (layer.InputSize != channels)
                throw new ArgumentException($"{name}: a layer reads {layer.InputSize} channels, but is given {channels}", nameof(layers));
            (sequence, finalStates) = AddLayer(graph, sequence, lengths, layer);
            channels = layer.OutputSize;
        }

        var batchMajor = graph.Node("Transpose", [sequence], ("perm", new long[] { 1, 0, 2 }));
        return (new OnnxValue(batchMajor, time, channels), new OnnxValue(finalStates, channels));
    }

    private static (string Value, OnnxDim Time) TimeMajor(OnnxGraph graph, OnnxValue input, int channels, string name)
    {
        var value = input.Name;
        OnnxDim time;
        if (input.Dims is [var steps, var width])
        {
            if (width.IsFixed && width.Value != channels)
                throw new ArgumentException($"{name}: the first layer reads {channels} channels, but is given {width}", nameof(input));
            time = steps;
        }
        else if (input.Dims is [var length])
        {
            if (length.IsFixed && length.Value % channels != 0)
                throw new ArgumentException($"{name}: {length} numbers a row are not a multiple of the {channels} channels", nameof(input));
            time = length.IsFixed ? length.Value / channels : length.Symbol + "_steps";
            value = graph.Node("Reshape", [value, graph.Integers(0, -1, channels)]);
        }
        else
        {
            throw new ArgumentException(
                $"{name}: expected an input [N, T, C] or [N, T C], found [N, {string.Join(", ", input.Dims)}]",
                nameof(input)
            );
        }

        return (graph.Node("Transpose", [value], ("perm", new long[] { 1, 0, 2 })), time);
    }

    // [T, N, C] -> sequence [T, N, D H] and final states [N, D H].
    private static (string Sequence, string FinalStates) AddLayer(OnnxGraph graph, string input, string lengths, RecurrentLayer layer)
    {
        int hidden = layer.HiddenSize,
            directions = layer.Directions.Count,
            gates = layer.TorchGates.Length;
        float[] InOrder(float[] values) => [.. layer.TorchGates.SelectMany(gate => values.Chunk(values.Length / gates).ElementAt(gate))];
        var weights = graph.Constant(
            [.. layer.Directions.SelectMany(d => InOrder(d.InputWeights))],
            directions,
            gates * hidden,
            layer.InputSize
        );
        var recurrence = graph.Constant(
            [.. layer.Directions.SelectMany(d => InOrder(d.RecurrentWeights))],
            directions,
            gates * hidden,
            hidden
        );
        var biases = graph.Constant(
            [.. layer.Directions.SelectMany(d => InOrder(d.InputBias).Concat(InOrder(d.RecurrentBias)))],
            directions,
            2 * gates * hidden
        );
        var outputs = graph.Nodes(
            layer.Operator,
            lengths.Length > 0 ? [input, weights, recurrence, biases, lengths] : [input, weights, recurrence, biases],
            2,
            [("hidden_size", hidden), ("direction", directions == 2 ? "bidirectional" : "forward"), .. layer.Attributes]
        );

        // Y is [T, D, N, H] and Y_h [D, N, H]; in Reshape 0 keeps a dimension.
        var sequence = graph.Node("Transpose", [outputs[0]], ("perm", new long[] { 0, 2, 1, 3 }));
        var states = graph.Node("Transpose", [outputs[1]], ("perm", new long[] { 1, 0, 2 }));
        return (
            graph.Node("Reshape", [sequence, graph.Integers(0, 0, layer.OutputSize)]),
            graph.Node("Reshape", [states, graph.Integers(0, layer.OutputSize)])
        );
    }
}
