namespace GlifMl.Onnx;

/// <summary>A parameter that a model gives.</summary>
/// <param name="Name">Its name as in Allen configs, for example <c>C</c> or <c>R_input</c>.</param>
/// <param name="Unit">Its SI unit, for example <c>F</c>.</param>
/// <param name="TrainingRange">Its spread over the training data, in that unit; <see langword="null"/> where it is not known.</param>
public sealed record ModelParameter(string Name, string Unit, ValueRange? TrainingRange = null);
