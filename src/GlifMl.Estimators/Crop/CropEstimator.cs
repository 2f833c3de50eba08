using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Keeps one stretch of a trace.</summary>
public sealed class CropEstimator : OnnxExportableEstimator<CropTransformer>
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
                $"crop: a trace has {shape.Samples} samples; expected at least {(long)_options.Start + samples}, for {samples} from sample {_options.Start} on"
            );
    }
}
