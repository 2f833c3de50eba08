namespace GlifMl.Pipelines;

/// <summary>One definition of a list, over its seeds.</summary>
/// <param name="Question">What it helps to answer.</param>
/// <param name="Name">The definition's file name without its extension.</param>
/// <param name="Metrics">The figures of each seed, in the list's order.</param>
public sealed record RunSummary(string Question, string Name, IReadOnlyList<PipelineMetrics> Metrics)
{
    /// <summary>The test rows in cells seen in training; of a definition that holds out none, the whole test.</summary>
    internal static SplitMetrics Seen(PipelineMetrics metrics) => metrics.SeenCells ?? metrics.Test;

    /// <summary>A figure over the seeds; null where a seed has no such figure.</summary>
    /// <param name="figure">The figure of one seed.</param>
    public Spread? Over(Func<PipelineMetrics, double?> figure) => Spread.Of(Metrics.Select(figure));
}
