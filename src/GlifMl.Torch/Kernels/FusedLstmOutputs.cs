using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>
/// FinalHidden, FinalCell and TimeMean [batch, directions * hidden], Sequence [batch, time, directions * hidden]; null where not asked for.
/// </summary>
internal sealed record FusedLstmOutputs(Tensor FinalHidden, Tensor? FinalCell, Tensor? TimeMean, Tensor? Sequence);
