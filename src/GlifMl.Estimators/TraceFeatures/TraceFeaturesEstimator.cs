using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>
/// Describes a trace by some tens of numbers, for trees and linear models: moments, quantiles, autocorrelation, spike times, slopes and the first
/// relaxation of the voltage, and, where the stimulus is there, what least squares say of the membrane. None of them is NaN.
/// </summary>
public sealed class TraceFeaturesEstimator : OnnxExportableEstimator<TraceFeaturesTransformer>
{
    private readonly string _input,
        _output;
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
    /// <exception cref="ArgumentException">A trace has fewer than two samples, or a group is asked for that needs a stimulus which is not there.</exception>
    public override TraceFeaturesTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        if (shape.Samples < 2)
            throw new ArgumentException($"trace-features: a trace has {shape.Samples} sample; expected at least 2");
        return new TraceFeaturesTransformer(input.Schema, _input, _output, shape, [.. Groups(shape).Select(group => Create(group, shape))]);
    }

    private IEnumerable<TraceFeatureGroup> Groups(TraceShape shape)
    {
        var possible = Enum.GetValues<TraceFeatureGroup>().Where(group => shape.Channels > 1 || !NeedsStimulus(group));
        if (_options.Groups is not { } groups)
            return possible;
        return groups.All(possible.Contains)
            ? groups.Distinct().Order()
            : throw new ArgumentException(
                $"trace-features: group {(groups.Contains(TraceFeatureGroup.LeastSquares) ? "least-squares" : "stimulus")} needs the stimulus, but the trace has one channel; expected voltage and stimulus, "
                    + "from 'channels: {columns: [voltage, stimulus]}' with dataset.trace.stimulus: true"
            );
    }

    private static bool NeedsStimulus(TraceFeatureGroup group) => group is TraceFeatureGroup.Stimulus or TraceFeatureGroup.LeastSquares;

    private IFeatureGroup Create(TraceFeatureGroup group, TraceShape shape) =>
        group switch
        {
            TraceFeatureGroup.Moments => new MomentFeatures(),
            TraceFeatureGroup.Quantiles => new QuantileFeatures([.. _options.Quantiles]),
            TraceFeatureGroup.Autocorrelation => new AutocorrelationFeatures([.. _options.Lags.Where(lag => lag < shape.Samples)]),
            TraceFeatureGroup.Spikes => new SpikeFeatures(),
            TraceFeatureGroup.Slopes => new SlopeFeatures(),
            TraceFeatureGroup.Relaxation => new RelaxationFeatures([.. _options.Windows.Where(window => window <= shape.Samples)]),
            TraceFeatureGroup.Stimulus => new StimulusFeatures(),
            TraceFeatureGroup.LeastSquares => new LeastSquaresFeatures(),
            _ => throw new ArgumentOutOfRangeException(nameof(group), group, "expected a group of features"),
        };
}
