namespace GlifMl.Pipelines;

/// <summary>How large a model is.</summary>
/// <param name="OnnxBytes">Bytes of model.onnx.</param>
/// <param name="Parameters">Trainable numbers; null for an estimator that has none to count.</param>
public sealed record ModelSize(long OnnxBytes, long? Parameters);
