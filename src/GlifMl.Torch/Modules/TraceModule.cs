using GlifMl.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GlifMl.Torch;

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
    public Tensor Forward(Tensor traces, int[]? lengths)
    {
        if (lengths is not null || traces.shape[1] != shape.Samples)
        {
            throw new InvalidDataException(
                $"a trace has {lengths?.Min() ?? traces.shape[1]} samples before its padding; expected {shape.Samples}, because this module reads traces of one length (bilstm reads others)"
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
