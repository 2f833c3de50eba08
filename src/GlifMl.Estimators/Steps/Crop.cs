using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>Which stretch of a trace is kept.</summary>
public sealed record CropOptions
{
    /// <summary>The first sample kept, from 0. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int Start { get; init; }

    /// <summary>Samples kept, at least 1. Default null: all from <see cref="Start"/> on.</summary>
    [Range(1, int.MaxValue)]
    public int? Samples { get; init; }
}

/// <summary>Keeps one stretch of a trace.</summary>
internal sealed class CropEstimator : OnnxExportableEstimator<CropTransformer>
{
    private readonly string _input,
        _output;
    private readonly CropOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace: [samples] or [samples, channels].</param>
    /// <param name="output">The trace it adds: as many samples as are kept, the same channels.</param>
    /// <param name="options">Which stretch.</param>
    public CropEstimator(MLContext ml, string input, string output, CropOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The stretch does not lie within the trace.</exception>
    public override CropTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        var samples = _options.Samples ?? Math.Max(1, shape.Samples - _options.Start);
        return samples <= shape.Samples - _options.Start
            ? new CropTransformer(input.Schema, _input, _output, shape, _options.Start, samples)
            : throw new ArgumentException(
                $"crop: found traces of {shape.Samples} samples; expected at least {(long)_options.Start + samples}, "
                    + $"for {samples} from sample {_options.Start} on"
            );
    }
}

/// <summary>A trace to one stretch of it.</summary>
internal sealed class CropTransformer : OnnxExportableTransformer
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
