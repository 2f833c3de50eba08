using GlifMl.Lstm;

namespace GlifMl.Onnx;

/// <summary>Writes stacks of recurrent layers as ONNX nodes.</summary>
internal static class RecurrentOnnx
{
    /// <summary>Adds a stack of layers, each reading the one before; initial states are zero.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">The input: <c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one time step side by side.</param>
    /// <param name="layers">The layers from the first to the last; each with as many directions as it pleases.</param>
    /// <param name="lengths">
    /// Valid samples of each row, 32-bit integers <c>[N]</c>, as <see cref="OnnxLayers.ValidSamples"/> gives them; empty: all. A row is
    /// read to its own end, in both directions, and its sequence is 0 beyond.
    /// </param>
    /// <returns>
    /// The last layer's output at each time step, <c>[N, T, D H]</c>, and its hidden states when each direction has read everything,
    /// <c>[N, D H]</c>: forward at the last time step, backward at the first. A graph writes only what is used of them.
    /// </returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given.</exception>
    public static (OnnxValue Sequence, OnnxValue FinalStates) Add(
        OnnxGraph graph,
        OnnxValue input,
        IReadOnlyList<RecurrentLayer> layers,
        string lengths = ""
    )
    {
        if (layers.Count == 0)
            throw new ArgumentException("recurrent layers: found none; expected at least one", nameof(layers));
        var name = layers[0].Cell.Operator;
        var (sequence, time) = TimeMajor(graph, input, layers[0].InputSize, name);
        var channels = layers[0].InputSize;
        var finalStates = "";
        foreach (var layer in layers)
        {
            if (layer.InputSize != channels)
                throw new ArgumentException(
                    $"{name}: found {channels} channels; expected {layer.InputSize}, which the next layer reads",
                    nameof(layers)
                );
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
                throw new ArgumentException(
                    $"{name}: found {width} channels; expected {channels}, which the first layer reads",
                    nameof(input)
                );
            time = steps;
        }
        else if (input.Dims is [var length])
        {
            if (length.IsFixed && length.Value % channels != 0)
                throw new ArgumentException(
                    $"{name}: found {length} numbers a row; expected a multiple of the {channels} channels",
                    nameof(input)
                );
            time = length.IsFixed ? length.Value / channels : length.Symbol + "_steps";
            value = graph.Node("Reshape", [value, graph.Integers(0, -1, channels)]);
        }
        else
        {
            throw new ArgumentException(
                $"{name}: found an input [N, {string.Join(", ", input.Dims)}]; expected [N, T, C] or [N, T C]",
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
            gates = layer.Cell.TorchGates.Length;
        float[] InOrder(float[] values) =>
            [.. layer.Cell.TorchGates.SelectMany(gate => values.Chunk(values.Length / gates).ElementAt(gate))];
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
            layer.Cell.Operator,
            lengths.Length > 0 ? [input, weights, recurrence, biases, lengths] : [input, weights, recurrence, biases],
            2,
            [("hidden_size", hidden), ("direction", directions == 2 ? "bidirectional" : "forward"), .. layer.Cell.Attributes]
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

/// <summary>One recurrent layer, its weights laid out as torch keeps them.</summary>
/// <param name="Cell">What it computes at each time step.</param>
/// <param name="InputSize">Channels that the layer reads at each time step.</param>
/// <param name="HiddenSize">Hidden units H of each direction.</param>
/// <param name="Directions">The weights of the forward and, in a bidirectional layer, the backward direction.</param>
internal sealed record RecurrentLayer(RecurrentCell Cell, int InputSize, int HiddenSize, IReadOnlyList<RecurrentDirection> Directions)
{
    /// <summary>Numbers that the layer gives at each time step.</summary>
    public int OutputSize => HiddenSize * Directions.Count;
}

/// <summary>The weights of one direction, row-major, the gates one after the other with H rows each.</summary>
/// <param name="InputWeights">weight_ih, <c>[gates H, inputs]</c>.</param>
/// <param name="RecurrentWeights">weight_hh, <c>[gates H, H]</c>.</param>
/// <param name="InputBias">bias_ih, <c>[gates H]</c>.</param>
/// <param name="RecurrentBias">bias_hh, <c>[gates H]</c>.</param>
internal sealed record RecurrentDirection(float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias);

/// <summary>What a recurrent layer computes at each time step, as ONNX and torch name it.</summary>
/// <param name="Operator">ONNX's operator.</param>
/// <param name="TorchGates">For each gate in ONNX's order, its block in torch's.</param>
/// <param name="Attributes">Attributes of the node besides its size and direction.</param>
internal sealed record RecurrentCell(string Operator, int[] TorchGates, params (string Name, OnnxAttributeValue Value)[] Attributes)
{
    /// <summary>
    /// The LSTM. torch keeps the gates as input, forget, cell, output (torch.nn.LSTM); ONNX as input, output, forget, cell (operator LSTM,
    /// opset 14).
    /// </summary>
    public static RecurrentCell Lstm { get; } = new("LSTM", [0, 3, 1, 2]);

    /// <summary>
    /// The GRU (Cho et al. 2014, arXiv:1406.1078). torch keeps the gates as reset, update, new (torch.nn.GRU); ONNX as update, reset,
    /// hidden (operator GRU, opset 14). torch multiplies the reset gate into the recurrent product, its bias included: ONNX's
    /// linear_before_reset.
    /// </summary>
    public static RecurrentCell Gru { get; } = new("GRU", [1, 0, 2], ("linear_before_reset", 1L));
}

/// <summary>Writes LSTM layers as ONNX nodes.</summary>
internal static class LstmOnnx
{
    /// <summary>Adds a stack of LSTM layers, as <see cref="RecurrentOnnx.Add"/> does.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">The input: <c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one time step side by side.</param>
    /// <param name="layers">The layers from the first to the last.</param>
    /// <param name="lengths">Valid samples of each row, 32-bit integers <c>[N]</c>; empty: all.</param>
    /// <returns>The last layer's sequence and final states.</returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given.</exception>
    public static (OnnxValue Sequence, OnnxValue FinalStates) Add(
        OnnxGraph graph,
        OnnxValue input,
        IReadOnlyList<LstmLayer> layers,
        string lengths = ""
    ) => RecurrentOnnx.Add(graph, input, [.. layers.Select(Layer)], lengths);

    private static RecurrentLayer Layer(LstmLayer layer) =>
        new(
            RecurrentCell.Lstm,
            layer.InputSize,
            layer.HiddenSize,
            [.. layer.Directions.Select(d => new RecurrentDirection(d.InputWeights, d.HiddenWeights, d.InputBias, d.HiddenBias))]
        );
}
