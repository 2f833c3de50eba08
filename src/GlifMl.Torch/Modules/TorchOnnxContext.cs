using System.Runtime.CompilerServices;
using GlifMl.Onnx;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>
/// Writes TorchSharp modules as ONNX nodes, in evaluation mode: dropout does nothing, batch normalisation uses its running statistics.
/// </summary>
public sealed class TorchOnnxContext
{
    /// <summary>Creates a context at the root of a module.</summary>
    /// <param name="graph">The graph to add to.</param>
    public TorchOnnxContext(OnnxGraph graph)
        : this(graph, "") { }

    private TorchOnnxContext(OnnxGraph graph, string path) => (Graph, Path) = (graph, path);

    /// <summary>The names of the layers that need no export of their own.</summary>
    public static IReadOnlyList<string> SupportedLayers => TorchLayers.Names;

    /// <summary>The graph under construction, for nodes of one's own.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Names of the modules from the root to this one, separated by dots; empty at the root.</summary>
    public string Path { get; }

    /// <summary>Writes a module: a supported layer, or one that implements <see cref="ITorchOnnxExportable"/>.</summary>
    /// <param name="module">The module.</param>
    /// <param name="input">What it is given.</param>
    /// <param name="name">Its name within the module that asks, for messages; the field's name by default.</param>
    /// <returns>What it gives.</returns>
    /// <exception cref="ArgumentException">
    /// The module, or one inside it, cannot be written, or does not fit its input; the message gives its path.
    /// </exception>
    public OnnxValue Export(nn.Module module, OnnxValue input, [CallerArgumentExpression(nameof(module))] string name = "")
    {
        var child = new TorchOnnxContext(Graph, Path.Length == 0 ? name : $"{Path}.{name}");
        try
        {
            if (module is ITorchOnnxExportable own)
                return own.Export(child, input);
            // The very type: a class derived from a layer may override what the layer computes.
            return TorchLayers.Writers.TryGetValue(module.GetType(), out var write)
                ? write(child, module, input)
                : throw child.Refusal(module, $"cannot be written as ONNX; {TorchLayers.Advice(module)}");
        }
        catch (ArgumentException e) when (e is not LayerException)
        {
            throw child.Refusal(module, $"does not fit its input [batch, {string.Join(", ", input.Dims)}]: {FirstLine(e.Message)}");
        }
    }

    /// <summary>Adds a tensor of the module, a parameter or a buffer, as a constant of its shape.</summary>
    /// <param name="tensor">A contiguous float32 tensor on the CPU.</param>
    /// <returns>The constant's name in the graph.</returns>
    public string Constant(Tensor tensor) => Graph.Constant(TensorMemory.Copy(tensor), tensor.shape);

    /// <summary>The fault of a layer, with the layer's path.</summary>
    internal LayerException Refusal(nn.Module module, string fault) =>
        new($"{(Path.Length == 0 ? "the module" : $"layer '{Path}'")} ({module.GetType().Name}) {fault}");

    /// <summary>The part of an argument exception's message that is not the parameter's name.</summary>
    internal static string FirstLine(string message)
    {
        var line = message.AsSpan()[..(message.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : message.Length)];
        return (line.IndexOf(" (Parameter '") is >= 0 and var at ? line[..at] : line).TrimEnd().ToString();
    }
}

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

/// <summary>A layer that cannot be written as ONNX, or does not fit its input; the message names its path.</summary>
/// <param name="message">What was found, what was expected, where.</param>
internal sealed class LayerException(string message) : ArgumentException(message);
