namespace GlifMl.Onnx;

/// <summary>One recurrent layer as ONNX has it.</summary>
/// <param name="Operator">LSTM or GRU.</param>
/// <param name="InputSize">Channels that the layer reads at each time step.</param>
/// <param name="HiddenSize">Hidden units of each direction.</param>
/// <param name="TorchGates">For each gate in ONNX's order, its block in torch's.</param>
/// <param name="Directions">Weights of the forward and, in a bidirectional layer, the backward direction, in torch's layout.</param>
/// <param name="Attributes">Attributes of the node besides its size and direction.</param>
internal sealed record RecurrentLayer(
    string Operator,
    int InputSize,
    int HiddenSize,
    int[] TorchGates,
    IReadOnlyList<RecurrentDirection> Directions,
    params (string Name, OnnxAttributeValue Value)[] Attributes
)
{
    /// <summary>Numbers that the layer gives at each time step.</summary>
    public int OutputSize => HiddenSize * Directions.Count;
}
