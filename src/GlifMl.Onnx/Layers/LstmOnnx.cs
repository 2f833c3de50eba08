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
        var (sequence, finalStates) = RecurrentOnnx.Add(graph, input, [.. layers.Select(Layer)], lengths, "LSTM");
        return new LstmValues(sequence, finalStates);
    }

    private static RecurrentLayer Layer(LstmLayerWeights layer) =>
        new(
            "LSTM",
            layer.InputSize,
            layer.HiddenSize,
            TorchGateOfOnnxGate,
            [.. layer.Directions.Select(d => new RecurrentDirection(d.InputWeights, d.RecurrentWeights, d.InputBias, d.RecurrentBias))]
        );
}
