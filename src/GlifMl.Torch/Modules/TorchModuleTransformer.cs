using System.Runtime.InteropServices;
using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>A fitted TorchSharp module: traces to scores. It owns the module.</summary>
/// <remarks>
/// It scores the graph that the module had when it was fitted, through OnnxRuntime and from any thread: TorchSharp does not bear a garbage
/// collection that another thread starts during its calls, and data views are read by several threads.
/// </remarks>
public sealed class TorchModuleTransformer : OnnxExportableTransformer, ITrainedNetwork, IDisposable
{
    // About this many numbers a batch: large enough to fill the cores, small enough for the activations of a convolution.
    private const int BatchNumbers = 1 << 18;

    private readonly TraceModule _module;
    private readonly MixtureHead? _posterior;
    private readonly ModuleGraph _graph;
    private bool _disposed;

    internal TorchModuleTransformer(
        DataViewSchema fittedOn,
        TrainerColumns columns,
        TraceModule module,
        MixtureHead? posterior,
        int threads
    )
        : base(
            fittedOn,
            [columns.Features],
            columns.Score,
            new VectorDataViewType(NumberDataViewType.Single, posterior?.Shape.Size ?? module.Shape.Targets),
            posterior?.Column.ToAnnotations()
        )
    {
        (_module, _posterior) = (module, posterior);
        ParameterCount = module.Module.parameters().Sum(p => p.numel());
        module.Module.eval();
        _graph = new ModuleGraph(ModuleGraph.Export(module), module.Shape, threads);
    }

    /// <inheritdoc/>
    public long ParameterCount { get; }

    /// <summary>The trained module, in evaluation mode.</summary>
    public nn.Module<Tensor, Tensor> Module => (nn.Module<Tensor, Tensor>)Living.Module;

    /// <inheritdoc/>
    protected override int BatchRows => Math.Clamp(BatchNumbers / (_module.Shape.Samples * _module.Shape.Channels), 2, 256);

    private TraceModule Living
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _module;
        }
    }

    /// <summary>Frees the module; what was exported or saved before stays.</summary>
    public void Dispose()
    {
        _disposed = true;
        _graph.Dispose();
        _module.Module.Dispose();
    }

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var trace = new float[_module.Shape.Samples * _module.Shape.Channels];
        return (inputs, output) =>
        {
            inputs[0].CopyTo(trace);
            Score(trace, 1, output);
        };
    }

    /// <inheritdoc/>
    protected override BatchMap CreateBatchMap() => (inputs, output) => Score(MemoryMarshal.AsMemory(inputs[0]), inputs.Rows, output);

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var output = Living.Export(graph, inputs[0]);
        return _posterior?.Add(graph, output.Name).ToScore() ?? output;
    }

    private void Score(Memory<float> traces, int rows, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_posterior is null)
        {
            _graph.Score(traces, rows, output);
            return;
        }

        var raw = new float[rows * _posterior.RawSize];
        _graph.Score(traces, rows, raw);
        _posterior.Read(raw, output);
    }
}
