using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>How a trace is brought to a lower sampling rate.</summary>
public sealed record ResampleOptions
{
    /// <summary>Samples that become one. Default 2; at least 1. Samples that do not fill a last box are left out.</summary>
    [Range(1, int.MaxValue)]
    public int Factor { get; init; } = 2;
}

/// <summary>Lowers a trace's sampling rate by a whole factor: a box mean, so that nothing faster folds into what is kept.</summary>
internal sealed class ResampleEstimator : OnnxExportableEstimator<ResampleTransformer>
{
    private readonly string _input,
        _output;
    private readonly ResampleOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace: [samples] or [samples, channels].</param>
    /// <param name="output">The trace it adds: [samples / factor] with the same channels.</param>
    /// <param name="options">By how much.</param>
    public ResampleEstimator(MLContext ml, string input, string output, ResampleOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A trace is shorter than one box.</exception>
    public override ResampleTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        return shape.Samples >= _options.Factor
            ? new ResampleTransformer(input.Schema, _input, _output, shape, _options.Factor)
            : throw new ArgumentException(
                $"resample: found traces of {shape.Samples} samples; expected at least one box of {_options.Factor}"
            );
    }
}

/// <summary>
/// A trace to the means of its boxes. A NaN sample is left out of its box; a box of nothing but NaN is NaN, so that spike cuts and the
/// padding of short traces stay what they are.
/// </summary>
internal sealed class ResampleTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape,
        _outputShape;
    private readonly int _factor;

    internal ResampleTransformer(DataViewSchema fittedOn, string input, string output, TraceShape shape, int factor)
        : base(fittedOn, [input], output, (shape with { Samples = shape.Samples / factor }).Type) =>
        (_shape, _outputShape, _factor) = (shape, shape with { Samples = shape.Samples / factor }, factor);

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var channels = _shape.Channels;
            for (var i = 0; i < output.Length; i++)
            {
                var box = inputs[0].Slice(i / channels * channels * _factor, channels * _factor);
                var (sum, count) = (0f, 0);
                for (var k = i % channels; k < box.Length; k += channels)
                {
                    if (!float.IsNaN(box[k]))
                        (sum, count) = (sum + box[k], count + 1);
                }

                output[i] = sum / count;
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var whole = graph.Node(
            "Slice",
            [
                TraceNodes.AsCube(graph, inputs[0], _shape),
                graph.Integers(0),
                graph.Integers(_outputShape.Samples * _factor),
                graph.Integers(1),
            ]
        );
        var boxes = graph.Node("Reshape", [whole, graph.Integers(0, _outputShape.Samples, _factor, _shape.Channels)]);
        var isNaN = graph.Node("IsNaN", [boxes]);
        var within = graph.Integers(2);
        var sum = graph.Node("ReduceSum", [graph.Node("Where", [isNaN, graph.Constant(0f), boxes]), within], ("keepdims", 0L));
        var valid = graph.Node("Cast", [graph.Node("Not", [isNaN])], ("to", (long)OnnxElementType.Single));
        var count = graph.Node("ReduceSum", [valid, within], ("keepdims", 0L));
        return TraceNodes.Value(graph, graph.Node("Div", [sum, count]), _outputShape);
    }
}
