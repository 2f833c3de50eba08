using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>Which numbers describe a trace.</summary>
public sealed record TraceFeaturesOptions : IValidatableObject
{
    // A window of two samples has one change, and a line needs two.
    private const int ShortestWindow = 3;

    /// <summary>
    /// Which groups of numbers, whose order does not matter. Default null: all that the trace allows, so those of the stimulus where it is
    /// there. Where all training traces share one current, groups that depend on it let a trainer memorise it; <c>least-squares</c> and,
    /// within the first pulse, <c>relaxation</c> do not.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<TraceFeatureGroup>? Groups { get; init; }

    /// <summary>Quantiles of the voltage, 0 to 1, by nearest rank from below. Default 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

    /// <summary>
    /// Lags of the voltage's autocorrelation, samples, increasing, at least 1. Default 1, 4, 16, 64, 256, 1024; those not shorter than the
    /// trace are left out.
    /// </summary>
    public IReadOnlyList<int> Lags { get; init; } = [1, 4, 16, 64, 256, 1024];

    /// <summary>
    /// Windows of the relaxation from the trace's start on, samples, increasing, at least 3. Default 20, 50, 200, 500, 2000: a 10 ms pulse
    /// is 50 samples at 5 kHz and 2,000 at 200 kHz. Those longer than the trace are left out.
    /// </summary>
    public IReadOnlyList<int> Windows { get; init; } = [20, 50, 200, 500, 2000];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Quantiles.Count == 0 && Groups is [TraceFeatureGroup.Quantiles])
            yield return new("expected at least one, because no other group is asked for", [nameof(Quantiles)]);
        if (!Quantiles.All(q => q is >= 0 and <= 1))
            yield return new("expected numbers from 0 to 1", [nameof(Quantiles)]);
        if (!Increase(Lags, least: 1))
            yield return new("expected increasing whole numbers of at least 1", [nameof(Lags)]);
        if (!Increase(Windows, ShortestWindow))
            yield return new($"expected increasing whole numbers of at least {ShortestWindow}", [nameof(Windows)]);
    }

    private static bool Increase(IReadOnlyList<int> numbers, int least) =>
        numbers.All(n => n >= least) && numbers.Zip(numbers.Skip(1)).All(p => p.First < p.Second);
}

/// <summary>Numbers that describe one side of a trace.</summary>
public enum TraceFeatureGroup
{
    /// <summary>Valid samples, mean and standard deviation of the voltage.</summary>
    Moments,

    /// <summary>Quantiles of the voltage.</summary>
    Quantiles,

    /// <summary>Autocorrelation of the voltage at a few lags, and the time it lasts.</summary>
    Autocorrelation,

    /// <summary>Number and times of spikes, which show where spike cuts are NaN.</summary>
    Spikes,

    /// <summary>Mean, size and extremes of the voltage's change from sample to sample.</summary>
    Slopes,

    /// <summary>
    /// How the voltage relaxes at the trace's start: rate, level and drive. Alone among the voltage's it does not depend on the current
    /// that follows, where its windows end with the first pulse.
    /// </summary>
    Relaxation,

    /// <summary>Mean and standard deviation of the stimulus, and how long its first pulse lasts. Needs the stimulus.</summary>
    Stimulus,

    /// <summary>Least squares of the voltage's change on voltage, current and 1, and their ratios. Needs the stimulus.</summary>
    LeastSquares,
}

/// <summary>
/// Describes a trace by some tens of numbers, for trees and linear models: moments, quantiles, autocorrelation, spike times, slopes and the
/// first relaxation of the voltage, and, where the stimulus is there, what least squares say of the membrane. None of them is NaN.
/// </summary>
internal sealed class TraceFeaturesEstimator : OnnxExportableEstimator<TraceFeaturesTransformer>
{
    private readonly string _input,
        _output;
    private readonly TraceFeaturesOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="input">
    /// The trace: [samples] of voltage in mV, or [samples, channels] with the voltage first and the stimulus in pA second. NaN is a spike
    /// cut, or padding where it reaches the end.
    /// </param>
    /// <param name="output">The vector it adds, with slot names.</param>
    /// <param name="options">Which numbers.</param>
    public TraceFeaturesEstimator(MLContext ml, string input, string output, TraceFeaturesOptions options)
        : base(ml, [input], output) => (_input, _output, _options) = (input, output, options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A trace has fewer than two samples, or a group is asked for that needs a stimulus which is not there.
    /// </exception>
    public override TraceFeaturesTransformer Fit(IDataView input)
    {
        var shape = TraceShape.Of(input.Schema[_input]);
        if (shape.Samples < 2)
            throw new ArgumentException($"trace-features: found traces of {shape.Samples} sample; expected at least 2");
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
                $"trace-features: found group {(groups.Contains(TraceFeatureGroup.LeastSquares) ? "least-squares" : "stimulus")} "
                    + "of traces with one channel; expected voltage and stimulus, "
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

/// <summary>A trace to a vector of features.</summary>
internal sealed class TraceFeaturesTransformer : OnnxExportableTransformer
{
    private readonly TraceShape _shape;
    private readonly IReadOnlyList<IFeatureGroup> _groups;

    internal TraceFeaturesTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        IReadOnlyList<IFeatureGroup> groups
    )
        : this(fittedOn, input, output, shape, groups, [.. groups.SelectMany(group => group.Names)]) { }

    private TraceFeaturesTransformer(
        DataViewSchema fittedOn,
        string input,
        string output,
        TraceShape shape,
        IReadOnlyList<IFeatureGroup> groups,
        IReadOnlyList<string> names
    )
        : base(fittedOn, [input], output, new VectorDataViewType(NumberDataViewType.Single, names.Count), SlotNames(names)) =>
        (_shape, _groups) = (shape, groups);

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var (voltage, stimulus) = (new float[_shape.Samples], new float[_shape.Channels > 1 ? _shape.Samples : 0]);
        return (inputs, output) =>
        {
            TraceNodes.Channel(inputs[0], _shape.Channels, 0, voltage);
            TraceNodes.Channel(inputs[0], _shape.Channels, 1, stimulus);
            var (trace, k) = (new TraceReading(voltage, stimulus), 0);
            foreach (var feature in _groups.SelectMany(group => group.Of(trace)))
                output[k++] = (float)feature;
        };
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var voltage = TraceNodes.Channel(graph, inputs[0], _shape, 0);
        var trace = new TraceReadingNodes(
            graph,
            voltage,
            _shape.Channels > 1 ? TraceNodes.Channel(graph, inputs[0], _shape, 1) : null,
            _shape.Samples
        );
        var joined = graph.Node("Concat", _groups.SelectMany(group => group.Of(trace)).Select(feature => feature.Name), ("axis", 1L));
        return new OnnxValue(new DoubleNode(graph, joined).ToSingle(), OutputType.Size);
    }
}

/// <summary>The numbers of one <see cref="TraceFeatureGroup"/>: the same in process and as nodes of a graph. None of them is NaN.</summary>
internal interface IFeatureGroup
{
    /// <summary>Names of the numbers, in their order.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The numbers of a trace.</summary>
    IEnumerable<double> Of(TraceReading trace);

    /// <summary>The same as nodes, each [N, 1] or several side by side.</summary>
    IEnumerable<DoubleNode> Of(TraceReadingNodes trace);
}
