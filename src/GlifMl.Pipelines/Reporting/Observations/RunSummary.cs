using GlifMl.Pipelines.Metrics;

namespace GlifMl.Pipelines.Reporting.Observations;

/// <summary>One definition of a list, over its seeds.</summary>
/// <param name="Question">What it helps to answer.</param>
/// <param name="Name">The definition's file name without its extension.</param>
/// <param name="Metrics">The figures of each seed, in the list's order.</param>
public sealed record RunSummary(string Question, string Name, IReadOnlyList<PipelineMetrics> Metrics)
{
    /// <summary>The test rows in cells seen in training; of a definition that holds out none, the whole test.</summary>
    internal static SplitMetrics Seen(PipelineMetrics metrics) => metrics.SeenCells ?? metrics.Test;

    /// <summary>Mean and standard deviation (n - 1; null for one seed) of a figure over the seeds; the mean is null where a seed has no such figure.</summary>
    /// <param name="figure">The figure of one seed.</param>
    public (double? Mean, double? StandardDeviation) Over(Func<PipelineMetrics, double?> figure)
    {
        double?[] values = [.. Metrics.Select(figure)];
        if (values.Contains(null))
            return (null, null);
        var mean = values.Average()!.Value;
        return (mean, values.Length > 1 ? Math.Sqrt(values.Sum(v => Math.Pow(v!.Value - mean, 2)) / (values.Length - 1)) : null);
    }
}
