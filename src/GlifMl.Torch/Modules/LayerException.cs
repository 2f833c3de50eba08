namespace GlifMl.Torch;

/// <summary>A layer that cannot be written as ONNX, or does not fit its input; the message names its path.</summary>
/// <param name="message">What was found, what was expected, where.</param>
internal sealed class LayerException(string message) : ArgumentException(message);
