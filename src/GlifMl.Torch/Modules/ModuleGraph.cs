using GlifMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Torch;

/// <summary>A module's own graph in OnnxRuntime. Safe to use from several threads at a time.</summary>
internal sealed class ModuleGraph : IDisposable
{
    private const string Input = TraceColumns.Features,
        Output = TraceColumns.Score;

    private readonly InferenceSession _session;
    private readonly ModuleShape _shape;

    /// <param name="onnx">What <see cref="Export"/> gave.</param>
    /// <param name="shape">The module's shape.</param>
    /// <param name="threads">Threads of a run; 0: all cores.</param>
    public ModuleGraph(byte[] onnx, ModuleShape shape, int threads)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = threads };
        (_session, _shape) = (new InferenceSession(onnx, settings), shape);
    }

    /// <summary>Writes a module as a graph of its own.</summary>
    /// <exception cref="ArgumentException">
    /// A layer cannot be written, or the module gives another number of scores than there are targets.
    /// </exception>
    public static byte[] Export(TraceModule module)
    {
        var graph = new OnnxGraph();
        var size = module.Shape.Samples * module.Shape.Channels;
        var score = module.Export(graph, new OnnxValue(graph.Input(Input, OnnxElementType.Single, OnnxDim.Batch, size), size));
        if (score.Dims is not [var targets] || targets != module.Shape.Targets)
            throw new ArgumentException(
                $"{module.Name} gives [batch, {string.Join(", ", score.Dims)}]; "
                    + $"expected [batch, {module.Shape.Targets}], a score for each slot of the label"
            );
        graph.Output(Output, score.Name, OnnxDim.Batch, module.Shape.Targets);
        return graph.ToBytes();
    }

    /// <summary>Scores traces.</summary>
    /// <param name="traces">[rows, samples, channels]; only read.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="scores">[rows, targets].</param>
    public void Score(Memory<float> traces, int rows, Span<float> scores)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance,
            traces,
            [rows, _shape.Samples * _shape.Channels]
        );
        using var options = new RunOptions();
        using var outputs = _session.Run(options, [Input], [input], [Output]);
        outputs[0].GetTensorDataAsSpan<float>().CopyTo(scores);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
