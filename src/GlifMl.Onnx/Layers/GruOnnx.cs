namespace GlifMl.Onnx;

/// <summary>Writes GRU layers (Cho et al. 2014, arXiv:1406.1078) as ONNX nodes.</summary>
public static class GruOnnx
{
    // torch keeps the gates as reset, update, new (torch.nn.GRU); ONNX as update, reset, hidden (GRU operator, opset 14).
    private static readonly int[] TorchGateOfOnnxGate = [1, 0, 2];

    /// <summary>Adds a stack of GRU layers, each reading the one before; initial states are zero.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="input">The input: <c>[N, T, C]</c>, or <c>[N, T C]</c> with the channels of one time step side by side.</param>
    /// <param name="layers">The layers from the first to the last.</param>
    /// <returns>
    /// The last layer's output at each time step, <c>[N, T, D H]</c>, and its hidden states when each direction has read everything, <c>[N, D H]</c>.
    /// </returns>
    /// <exception cref="ArgumentException">There is no layer, or a layer's channels are not what it is given, or an array has the wrong length.</exception>
    public static (OnnxValue Sequence, OnnxValue FinalStates) Add(
        OnnxGraph graph,
        OnnxValue input,
        IReadOnlyList<GruLayerWeights> layers
    ) => RecurrentOnnx.Add(graph, input, [.. layers.Select(Layer)], lengths: "", "GRU");

    // torch multiplies the reset gate into the recurrent product, its bias included: ONNX's linear_before_reset.
    private static RecurrentLayer Layer(GruLayerWeights layer) =>
        new(
            "GRU",
            layer.InputSize,
            layer.HiddenSize,
            TorchGateOfOnnxGate,
            [.. layer.Directions.Select(d => new RecurrentDirection(d.InputWeights, d.RecurrentWeights, d.InputBias, d.RecurrentBias))],
            ("linear_before_reset", 1L)
        );
}
