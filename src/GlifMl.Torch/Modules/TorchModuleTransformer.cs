using GlifMl.Onnx;
using GlifMl.Torch.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace GlifMl.Torch.Modules;

/// <summary>A fitted TorchSharp module: traces to scores. It owns the module.</summary>
/// <remarks>
/// In process it scores with libtorch, one batch of the process at a time. TorchSharp does not bear a garbage collection that another thread
/// starts during its calls: where threads share a process, score the exported ONNX model instead.
/// </remarks>
public sealed class TorchModuleTransformer : OnnxExportableTransformer, ITrainedNetwork, IDisposable
{
    // About this many numbers a batch: large enough to fill the cores, small enough for the activations of a convolution.
    private const int BatchNumbers = 1 << 18;

    private static readonly Lock Libtorch = new();

    private readonly TraceModule _module;
    private bool _disposed;

    internal TorchModuleTransformer(DataViewSchema fittedOn, TrainerColumns columns, TraceModule module)
        : base(fittedOn, [columns.Features], columns.Score, new VectorDataViewType(NumberDataViewType.Single, module.Shape.Targets))
    {
        _module = module;
        ParameterCount = module.Module.parameters().Sum(p => p.numel());
        module.Module.eval();
    }

    /// <inheritdoc/>
    public long ParameterCount { get; }

    /// <summary>The trained module, in evaluation mode.</summary>
    public nn.Module<Tensor, Tensor> Module => (nn.Module<Tensor, Tensor>)Living.Module;

    /// <inheritdoc/>
    protected override int BatchRows => Math.Clamp(BatchNumbers / (_module.Shape.Samples * _module.Shape.Channels), 2, 256);

    private TraceModule Living => _disposed ? throw new ObjectDisposedException(nameof(TorchModuleTransformer)) : _module;

    /// <summary>Frees the module; what was exported or saved before stays.</summary>
    public void Dispose()
    {
        _disposed = true;
        _module.Module.Dispose();
    }

    /// <inheritdoc/>
    protected override RowMap CreateMap() => (inputs, output) => Score(inputs[0], 1, output);

    /// <inheritdoc/>
    protected override BatchMap CreateBatchMap() => (inputs, output) => Score(inputs[0].Span, inputs.Rows, output);

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs) => Living.Export(graph, inputs[0]);

    private void Score(ReadOnlySpan<float> traces, int rows, Span<float> output)
    {
        lock (Libtorch)
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var input = empty(rows, _module.Shape.Samples, _module.Shape.Channels);
            TensorMemory.Fill(input, traces);
            var score = Living.Forward(input, lengths: null).contiguous();
            TensorMemory.Values(score).CopyTo(output);
            GC.KeepAlive(score);
        }
    }
}
