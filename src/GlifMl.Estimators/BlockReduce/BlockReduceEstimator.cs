using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Shortens a trace to block means, and turns spike cuts (NaN) into a channel of their own.</summary>
public sealed class BlockReduceEstimator : OnnxExportableEstimator<BlockReduceTransformer>
{
    private readonly string _input,
        _output;
    private readonly BlockReduceOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">The trace: [samples] or [samples, channels].</param>
    /// <param name="output">The trace it adds: [samples / size, means then changes then cut fraction], without NaN.</param>
    /// <param name="options">How.</param>
    public BlockReduceEstimator(MLContext ml, string input, string output, BlockReduceOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A trace is shorter than one block.</exception>
    public override BlockReduceTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        return shape.Samples >= _options.Size
            ? new BlockReduceTransformer(input.Schema, _input, _output, shape, _options)
            : throw new ArgumentException(
                $"block-reduce: a trace has {shape.Samples} samples; expected at least one block of {_options.Size}"
            );
    }
}
