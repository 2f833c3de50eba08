namespace GlifMl.Onnx;

/// <summary>
/// The weights of one direction of a GRU layer with H hidden units, in the layout of torch.nn.GRU: the gates are
/// reset, update, new (r, z, n), H rows each.
/// </summary>
/// <param name="InputWeights"><c>weight_ih</c>: [3 H, inputs], row-major.</param>
/// <param name="RecurrentWeights"><c>weight_hh</c>: [3 H, H], row-major.</param>
/// <param name="InputBias"><c>bias_ih</c>: [3 H].</param>
/// <param name="RecurrentBias"><c>bias_hh</c>: [3 H]; that of the new gate is inside the reset product.</param>
public sealed record GruDirectionWeights(float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias);
