namespace GlifMl.Onnx;

/// <summary>
/// The weights of one direction of one LSTM layer, laid out as torch.nn.LSTM keeps them: row-major, gates in the order
/// input, forget, cell, output.
/// </summary>
/// <param name="InputWeights">weight_ih, <c>[4 H, inputs]</c>.</param>
/// <param name="RecurrentWeights">weight_hh, <c>[4 H, H]</c>.</param>
/// <param name="InputBias">bias_ih, <c>[4 H]</c>.</param>
/// <param name="RecurrentBias">bias_hh, <c>[4 H]</c>.</param>
public sealed record LstmDirectionWeights(float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias);
