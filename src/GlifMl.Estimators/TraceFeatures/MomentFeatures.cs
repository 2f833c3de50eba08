namespace GlifMl.Estimators;

/// <summary>How long the trace is, and how high and how lively its voltage.</summary>
internal sealed class MomentFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["valid_samples", "mean_mV", "sd_mV"];

    public IEnumerable<double> Of(TraceReading trace) => [trace.LastValid + 1, trace.Moments.Mean, Math.Sqrt(trace.Moments.Variance)];

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace) =>
        [trace.Spikes.LastValid + 1, trace.Moments.Mean, trace.Moments.Variance.Sqrt()];
}
