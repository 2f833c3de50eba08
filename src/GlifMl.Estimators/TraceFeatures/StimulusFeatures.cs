namespace GlifMl.Estimators;

/// <summary>How strong and how lively the current is, and how many samples its first pulse lasts, which tells the sampling interval.</summary>
internal sealed class StimulusFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["stimulus_mean_pA", "stimulus_sd_pA", "pulse_samples"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var (mean, variance) = TraceReading.MomentsOf(trace.Stimulus);
        return [mean, Math.Sqrt(variance), MembraneIdentification.PulseOf(trace.Stimulus)];
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var current = DoubleNode.Cast(trace.Graph, trace.StimulusPa!);
        var (mean, variance, _) = TraceReadingNodes.MomentsOf(MaskNode.NotNaN(trace.Graph, trace.StimulusPa!), current);
        return [mean, variance.Sqrt(), MembraneIdentificationNodes.PulseOf(current, trace.Spikes.Index, trace.Samples)];
    }
}
