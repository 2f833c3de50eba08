using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>A module of someone's own as the training loop sees it, and as a graph.</summary>
internal sealed class TraceModule(nn.Module<Tensor, Tensor> module, ModuleShape shape, TraceLayout layout) : ITraceModule
{
    /// <inheritdoc/>
    public nn.Module Module => module;

    public ModuleShape Shape => shape;

    /// <summary>What messages call it.</summary>
    public string Name => $"the module ({module.GetType().Name})";

    /// <summary>Batch normalisation has no variance over one row.</summary>
    public int LeastRows { get; } = module.named_modules().Any(m => m.module is BatchNorm) ? 2 : 1;

    /// <inheritdoc/>
    public int QuickestThreads { get; } = RecurrentThreads.Of(module) ?? Environment.ProcessorCount;

    /// <inheritdoc/>
    public bool NeedsGradients { get; } = LstmWithoutGradients.Concerns(module);

    /// <inheritdoc/>
    public Tensor Forward(Tensor traces, Tensor? beside, int[]? lengths)
    {
        if (lengths is not null || traces.shape[1] != shape.Samples)
        {
            throw new InvalidDataException(
                $"found a trace of {lengths?.Min() ?? traces.shape[1]} samples before its padding; expected {shape.Samples}, "
                    + "because this module reads traces of one length (bilstm reads others)"
            );
        }

        if (layout == TraceLayout.SamplesChannels)
            return module.call(traces);
        using var turned = traces.transpose(1, 2).contiguous();
        return module.call(turned);
    }

    /// <summary>Writes the module behind a trace column.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="trace">The column, [N, samples x channels].</param>
    /// <exception cref="ArgumentException">A layer cannot be written.</exception>
    public OnnxValue Export(OnnxGraph graph, OnnxValue trace)
    {
        var x = new OnnxValue(
            graph.Node("Reshape", [trace.Name, graph.Integers(0, shape.Samples, shape.Channels)]),
            shape.Samples,
            shape.Channels
        );
        if (layout == TraceLayout.ChannelsSamples)
            x = new OnnxValue(graph.Node("Transpose", [x.Name], ("perm", new long[] { 0, 2, 1 })), shape.Channels, shape.Samples);
        return new TorchOnnxContext(graph).Export(module, x, name: "");
    }
}

/// <summary>What a module reads and gives.</summary>
/// <param name="Samples">Samples of a trace.</param>
/// <param name="Channels">Channels of a sample.</param>
/// <param name="Targets">
/// Scores of a trace: the slots of the label vector, or with <see cref="TrainerOptions.Posterior"/> the numbers that it is read from.
/// </param>
public sealed record ModuleShape(int Samples, int Channels, int Targets)
{
    /// <summary>The shape of two columns.</summary>
    /// <exception cref="ArgumentException">A column is missing, or is not a vector of Single of known size.</exception>
    internal static ModuleShape Of(DataViewSchema schema, string features, string label)
    {
        var (trace, targets) = (Vector(schema, features), Vector(schema, label));
        var channels = trace.Dimensions is [_, var c] ? c : 1;
        return new ModuleShape(trace.Size / channels, channels, targets.Size);
    }

    private static VectorDataViewType Vector(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is not { } column
            ? throw new ArgumentException(
                $"found columns {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}' among them",
                nameof(name)
            )
        : column.Type is VectorDataViewType { Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single ? vector
        : throw new ArgumentException($"column '{name}': found {column.Type}; expected a vector of Single of known size", nameof(name));
}
