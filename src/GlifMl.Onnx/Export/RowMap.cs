namespace GlifMl.Onnx;

/// <summary>Computes one row of a transformer's output. One cursor owns it, so it may keep buffers of its own.</summary>
/// <param name="inputs">The row's input columns.</param>
/// <param name="output">Where the output goes, as long as the output column; its old content is arbitrary.</param>
public delegate void RowMap(RowInputs inputs, Span<float> output);
