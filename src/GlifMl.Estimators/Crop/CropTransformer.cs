using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>A trace to one stretch of it.</summary>
public sealed class CropTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly int _start,
        _samples;

    internal CropTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, int start, int samples)
        : base(fittedOn, [input], output, (shape with { Samples = samples }).Type) => (_shape, _start, _samples) = (shape, start, samples);

    /// <inheritdoc/>
    protected override RowMap CreateMap() => (inputs, output) => inputs[0].Slice(_start * _shape.Channels, output.Length).CopyTo(output);

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var cube = TraceNodes.AsCube(graph, inputs[0], _shape);
        var kept = graph.Node("Slice", [cube, graph.Integers(_start), graph.Integers(_start + _samples), graph.Integers(1)]);
        return TraceNodes.Value(graph, kept, _shape with { Samples = _samples });
    }
}
