namespace GlifMl.Onnx;

/// <summary>The weights of one GRU layer.</summary>
/// <param name="InputSize">Channels that the layer reads at each time step.</param>
/// <param name="HiddenSize">Hidden units of each direction.</param>
/// <param name="Directions">One set of weights for a forward layer; two (forward, backward) for a bidirectional one.</param>
public sealed record GruLayerWeights(int InputSize, int HiddenSize, IReadOnlyList<GruDirectionWeights> Directions);
