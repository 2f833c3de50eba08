namespace GlifMl.Onnx;

/// <summary>Writes LSTM layers as ONNX nodes.</summary>
public static class LstmOnnx
{
    // torch keeps the gates as input, forget, cell, output (torch.nn.LSTM); ONNX as input, output, forget, cell (LSTM operator, opset 14).
    private static readonly int[] TorchGateOfOnnxGate = [0, 3, 1, 2];

    /// <summary>Adds a stack of LSTM layers, each reading the one before; initial states are zero.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">The input: <c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one time step side by side.</param>
    /// <param name="layers">The layers from the first to the last; all with as many directions as they please.</param>
    /// <param name="lengths">
    /// Valid samples of each row, 32-bit integers <c>[N]</c>, as <see cref="OnnxLayers.ValidSamples"/> gives them; empty: all. A row is read to
    /// its own end, in both directions, and its sequence is 0 beyond.
    /// </param>
    /// <returns>The last layer's sequence and final states.</returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given.</exception>
    public static LstmValues Add(OnnxGraph graph, OnnxValue input, IReadOnlyList<LstmLayerWeights> layers, string lengths = "")
    {
        if (layers.Count == 0)
            throw new ArgumentException("LSTM: expected at least one layer, found none", nameof(layers));
        var (sequence, time) = TimeMajor(graph, input, layers[0].InputSize);
        var channels = layers[0].InputSize;
        var finalStates = "";
        foreach (var layer in layers)
        {
            if (layer.InputSize != channels)
                throw new ArgumentException($"LSTM: a layer reads {layer.InputSize} channels, but is given {channels}", nameof(layers));
            (sequence, finalStates) = AddLayer(graph, sequence, lengths, layer);
            channels = layer.OutputSize;
        }

        var batchMajor = graph.Node("Transpose", [sequence], ("perm", new long[] { 1, 0, 2 }));
        return new LstmValues(new OnnxValue(batchMajor, time, channels), new OnnxValue(finalStates, channels));
    }

    private static (string Value, OnnxDim Time) TimeMajor(OnnxGraph graph, OnnxValue input, int channels)
    {
        var value = input.Name;
        OnnxDim time;
        if (input.Dims is [var steps, var width])
        {
            if (width.IsFixed && width.Value != channels)
                throw new ArgumentException($"LSTM: the first layer reads {channels} channels, but is given {width}", nameof(input));
            time = steps;
        }
        else if (input.Dims is [var length])
        {
            if (length.IsFixed && length.Value % channels != 0)
                throw new ArgumentException($"LSTM: {length} numbers a row are not a multiple of the {channels} channels", nameof(input));
            time = length.IsFixed ? length.Value / channels : length.Symbol + "_steps";
            value = graph.Node("Reshape", [value, graph.Integers(0, -1, channels)]);
        }
        else
        {
            throw new ArgumentException($"LSTM: expected an input [N, T, C] or [N, T C], found [N, {string.Join(", ", input.Dims)}]", nameof(input));
        }

        return (graph.Node("Transpose", [value], ("perm", new long[] { 1, 0, 2 })), time);
    }

    // [T, N, C] -> sequence [T, N, D H] and final states [N, D H].
    private static (string Sequence, string FinalStates) AddLayer(OnnxGraph graph, string input, string lengths, LstmLayerWeights layer)
    {
        int hidden = layer.HiddenSize, directions = layer.Directions.Count;
        var weights = graph.Constant(
            [.. layer.Directions.SelectMany(d => Reorder(d.InputWeights, hidden * layer.InputSize))], directions, 4 * hidden, layer.InputSize);
        var recurrence = graph.Constant(
            [.. layer.Directions.SelectMany(d => Reorder(d.RecurrentWeights, hidden * hidden))], directions, 4 * hidden, hidden);
        var biases = graph.Constant(
            [.. layer.Directions.SelectMany(d => Reorder(d.InputBias, hidden).Concat(Reorder(d.RecurrentBias, hidden)))], directions, 8 * hidden);
        var outputs = graph.Nodes(
            "LSTM",
            lengths.Length > 0 ? [input, weights, recurrence, biases, lengths] : [input, weights, recurrence, biases],
            2,
            [("hidden_size", hidden), ("direction", directions == 2 ? "bidirectional" : "forward")]);

        // Y is [T, D, N, H] and Y_h [D, N, H]; in Reshape 0 keeps a dimension.
        var sequence = graph.Node("Transpose", [outputs[0]], ("perm", new long[] { 0, 2, 1, 3 }));
        var states = graph.Node("Transpose", [outputs[1]], ("perm", new long[] { 1, 0, 2 }));
        return (
            graph.Node("Reshape", [sequence, graph.Integers(0, 0, layer.OutputSize)]),
            graph.Node("Reshape", [states, graph.Integers(0, layer.OutputSize)]));
    }

    private static IEnumerable<float> Reorder(float[] gates, int gateSize) =>
        TorchGateOfOnnxGate.SelectMany(gate => gates.AsSpan(gate * gateSize, gateSize).ToArray());
}
