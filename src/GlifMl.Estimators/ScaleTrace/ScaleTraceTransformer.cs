using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>A trace, scaled channel by channel.</summary>
public sealed class ScaleTraceTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly bool _asinh;
    private readonly float[] _offset,
        _inverse;

    internal ScaleTraceTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        bool asinh,
        double[] offset,
        double[] scale
    )
        : base(fittedOn, [input], output, shape.Type)
    {
        (_shape, _asinh) = (shape, asinh);
        (_offset, _inverse) = (Array.ConvertAll(offset, o => (float)o), Array.ConvertAll(scale, s => (float)(1 / s)));
    }

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var trace = inputs[0];
            for (var c = 0; c < _shape.Channels; c++)
            {
                var (offset, inverse) = (_offset[c], _inverse[c]);
                for (var i = c; i < trace.Length; i += _shape.Channels)
                {
                    var x = trace[i] - offset;
                    output[i] = (_asinh ? MathF.Asinh(x) : x) * inverse;
                }
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        // One number a channel broadcasts over [N, samples, channels]. A trace that comes from outside the graph is flat, whatever its channels.
        var x = graph.Node("Sub", [TraceNodes.AsCube(graph, inputs[0], _shape), graph.Constant(_offset, _offset.Length)]);
        if (_asinh)
            x = graph.Node("Asinh", [x]);
        return TraceNodes.Value(graph, graph.Node("Mul", [x, graph.Constant(_inverse, _inverse.Length)]), _shape);
    }
}
