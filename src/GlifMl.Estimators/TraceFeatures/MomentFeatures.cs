using System.Globalization;
using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>How long the trace is, and how high and how lively its voltage.</summary>
internal sealed class MomentFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["valid_samples", "mean_mV", "sd_mV"];

    public IEnumerable<double> Of(TraceReading trace) => [trace.LastValid + 1, trace.Moments.Mean, Math.Sqrt(trace.Moments.Variance)];

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace) =>
        [trace.Spikes.LastValid + 1, trace.Moments.Mean, trace.Moments.Variance.Sqrt()];
}

/// <summary>Quantiles of the voltage by nearest rank from below; 0 where there is no voltage.</summary>
internal sealed class QuantileFeatures(double[] quantiles) : IFeatureGroup
{
    // 0.05 x 280 may come out just below 14, or not, as constants are rounded; both are rank 14.
    private const double RankTolerance = 1e-6;

    public IReadOnlyList<string> Names { get; } =
    [.. quantiles.Select(q => string.Create(CultureInfo.InvariantCulture, $"quantile_{q}_mV"))];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var sorted = trace.Sorted;
        return quantiles.Select(q => sorted.Length == 0 ? 0.0 : sorted[(int)Math.Floor((q * (sorted.Length - 1)) + RankTolerance)]);
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        if (quantiles.Length == 0)
            yield break;
        var (graph, valid) = (trace.Graph, trace.Spikes.Valid);
        var count = valid.Count();
        var filled = graph.Node("Where", [valid.Name, trace.VoltageMv, graph.Constant(float.PositiveInfinity)]);
        var sorted = graph.Nodes("TopK", [filled, graph.Integers(trace.Samples)], 2, [("axis", 1L), ("largest", 0L), ("sorted", 1L)])[0];
        var ranks = ((count - 1).AtLeast(0) * DoubleNode.Constant(graph, quantiles)) + RankTolerance;
        var indices = new DoubleNode(graph, graph.Node("Floor", [ranks.Name])).ToInt64();
        var found = DoubleNode.Cast(graph, graph.Node("GatherElements", [sorted, indices], ("axis", 1L)));
        yield return (count > 0.5).Select(found, 0);
    }
}
