using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>
/// A TorchSharp module of one's own that says how it is written as ONNX: what its <c>forward</c> computes in evaluation mode.
/// </summary>
/// <remarks>
/// <see cref="TorchModuleTrainer"/> runs the export before training, on the untrained module, and compares it with <c>forward</c>.
/// Read the weights when asked, therefore, and keep no copy of them.
/// </remarks>
public interface ITorchOnnxExportable
{
    /// <summary>Adds the module's nodes.</summary>
    /// <param name="context">The graph, and the way to write layers inside this module.</param>
    /// <param name="input">What <c>forward</c> is given; its dimensions leave the batch out.</param>
    /// <returns>What <c>forward</c> returns, with its dimensions.</returns>
    OnnxValue Export(TorchOnnxContext context, OnnxValue input);
}
