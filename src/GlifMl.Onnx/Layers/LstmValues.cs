namespace GlifMl.Onnx;

/// <summary>What a stack of LSTM layers gives; a graph writes only those that are used.</summary>
/// <param name="Sequence">The last layer's output at each time step, <c>[N, T, D H]</c>.</param>
/// <param name="FinalStates">
/// The last layer's hidden states when each direction has read everything, <c>[N, D H]</c>: forward at the last time step,
/// backward at the first.
/// </param>
public sealed record LstmValues(OnnxValue Sequence, OnnxValue FinalStates);
