namespace GlifMl.Onnx;

/// <summary>Weights of one direction, gates one after the other: [gates H, inputs], [gates H, H], [gates H] and [gates H].</summary>
internal sealed record RecurrentDirection(float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias);
