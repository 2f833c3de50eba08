using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators.TraceFeatures;

/// <summary>
/// Describes a trace by some tens of numbers, for trees and linear models: moments, quantiles, autocorrelation, spike times and slopes of the
/// voltage, and, where the stimulus is there, what least squares say of the membrane. None of them is NaN.
/// </summary>
public sealed class TraceFeaturesEstimator : OnnxExportableEstimator<TraceFeaturesTransformer>
{
    private readonly string _input, _output;
    private readonly TraceFeaturesOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">
    /// The trace: [samples] of voltage in mV, or [samples, channels] with the voltage first and the stimulus in pA second. NaN is a spike cut, or
    /// padding where it reaches the end.
    /// </param>
    /// <param name="output">The vector it adds, with slot names.</param>
    /// <param name="options">Which numbers.</param>
    public TraceFeaturesEstimator(MLContext ml, string input, string output, TraceFeaturesOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A trace has fewer than two samples.</exception>
    public override TraceFeaturesTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        if (shape.Samples < 2)
            throw new ArgumentException($"trace-features: a trace has {shape.Samples} sample; expected at least 2");
        return new TraceFeaturesTransformer(
            input.Schema, _input, _output, shape, [.. _options.Quantiles], [.. _options.Lags.Where(lag => lag < shape.Samples)]);
    }
}
