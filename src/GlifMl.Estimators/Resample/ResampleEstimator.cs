using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Lowers a trace's sampling rate by a whole factor: a box mean, so that nothing faster folds into what is kept.</summary>
public sealed class ResampleEstimator : OnnxExportableEstimator<ResampleTransformer>
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
            : throw new ArgumentException($"resample: a trace has {shape.Samples} samples; expected at least one box of {_options.Factor}");
    }
}
