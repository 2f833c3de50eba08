using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>
/// Gives a trainer what is known of a trace beside it: quantities in SI units, scaled as targets are, as channels that stay the same from
/// sample to sample, or as further features.
/// </summary>
internal sealed class KnownEstimator : OnnxExportableEstimator<KnownTransformer>
{
    private readonly string _input,
        _output;
    private readonly string[] _known;
    private readonly ScaleTargetsOptions _scales;
    private readonly bool _areFeatures;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace, or a vector of features.</param>
    /// <param name="known">The columns of what is known, scalars in SI units, by Allen key.</param>
    /// <param name="output">The trace or features it adds.</param>
    /// <param name="scales">How targets are scaled.</param>
    /// <param name="areFeatures">Whether the input is features.</param>
    public KnownEstimator(
        MLContext ml,
        string input,
        IReadOnlyList<string> known,
        string output,
        ScaleTargetsOptions scales,
        bool areFeatures
    )
        : base(ml, [input, .. known], output) =>
        (_input, _known, _output, _scales, _areFeatures) = (input, [.. known], output, scales, areFeatures);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">Something known is the same in all rows, or has no logarithm.</exception>
    public override KnownTransformer Fit(IDataView input) =>
        new(
            input.Schema,
            _input,
            _output,
            TraceShape.Of(input.Schema[_input]),
            LabelScaling.Fit(input, _known, Array.ConvertAll(_known, Scale), "known"),
            _areFeatures
        );

    // A target's number in SI units may serve a trainer that is asked for it; as an input, 1e-4 s beside voltages says nothing.
    private TargetScale Scale(string key) =>
        _scales.Of(key) is var scale && scale != new TargetScale(TargetScaleKind.Fixed) ? scale
        : GlifParameter.Of(key).IsPositive ? new TargetScale(TargetScaleKind.Log)
        : new TargetScale(TargetScaleKind.Standardise);
}

/// <summary>A trace of [samples, channels] to one of [samples, channels + known], or features to more of them.</summary>
/// <remarks>Where a sample's first channel is NaN it is padding, and what is known is NaN there too: a trace ends where it ended.</remarks>
internal sealed class KnownTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly LabelScaling _scaling;
    private readonly bool _areFeatures;

    internal KnownTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        LabelScaling scaling,
        bool areFeatures
    )
        : base(fittedOn, [input, .. scaling.Targets], output, Output(shape, scaling.Targets.Length, areFeatures).Type) =>
        (_shape, _scaling, _areFeatures) = (shape, scaling, areFeatures);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var known = new float[_scaling.Targets.Length];
        return (inputs, output) =>
        {
            for (var k = 0; k < known.Length; k++)
                known[k] = _scaling.ToLabel(k, inputs[k + 1][0]);
            var trace = inputs[0];
            if (_areFeatures)
            {
                trace.CopyTo(output);
                known.CopyTo(output[trace.Length..]);
                return;
            }

            var channels = _shape.Channels + known.Length;
            for (var sample = 0; sample < _shape.Samples; sample++)
            {
                var from = trace.Slice(sample * _shape.Channels, _shape.Channels);
                var to = output.Slice(sample * channels, channels);
                from.CopyTo(to);
                if (float.IsNaN(from[0]))
                    to[_shape.Channels..].Fill(float.NaN);
                else
                    known.CopyTo(to[_shape.Channels..]);
            }
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var count = _scaling.Targets.Length;
        var known = _scaling.ToLabels(graph, inputs.Skip(1));
        if (_areFeatures)
            return new OnnxValue(graph.Node("Concat", [inputs[0].Name, known], ("axis", 1L)), _shape.Samples + count);

        var cube = TraceNodes.AsCube(graph, inputs[0], _shape);
        var first = graph.Node("Gather", [cube, graph.Integers(0)], ("axis", 2L));
        var channels = graph.Node(
            "Where",
            [
                graph.Node("IsNaN", [first]),
                graph.Constant(float.NaN),
                graph.Node(
                    "Expand",
                    [graph.Node("Reshape", [known, graph.Integers(0, 1, count)]), graph.Integers(1, _shape.Samples, count)]
                ),
            ]
        );
        var shape = Output(_shape, count, areFeatures: false);
        return new OnnxValue(graph.Node("Concat", [cube, channels], ("axis", 2L)), shape.Samples, shape.Channels);
    }

    private static TraceShape Output(TraceShape shape, int known, bool areFeatures) =>
        areFeatures ? shape with { Samples = shape.Samples + known } : shape with { Channels = shape.Channels + known };
}
