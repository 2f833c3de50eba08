namespace GlifMl.Onnx;

/// <summary>Computes several rows of a transformer's output. One cursor owns it, so it may keep buffers of its own.</summary>
/// <param name="inputs">The rows' input columns.</param>
/// <param name="output">Where the output goes, row-major <c>[rows, size]</c>; its old content is arbitrary.</param>
public delegate void BatchMap(BatchInputs inputs, Span<float> output);
