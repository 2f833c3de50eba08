using System.Globalization;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>What the runs of a question come to, in one sentence: which leaves the least, and whether it is more than what seeds do.</summary>
internal static class RunVerdict
{
    /// <summary>The sentence.</summary>
    /// <param name="runs">The runs of one question.</param>
    /// <param name="splitName">What the split is called.</param>
    /// <param name="split">The split's figures of one seed; null where it has none.</param>
    /// <returns>Null where fewer than two runs have figures of the split.</returns>
    public static string? Of(IEnumerable<RunSummary> runs, string splitName, Func<PipelineMetrics, SplitMetrics?> split)
    {
        (string Name, Spread Left)[] ranked =
        [
            .. from run in runs
            let left = run.Over(m => split(m)?.LeftByParameter)
            where left is not null
            orderby left.Mean
            select (run.Name, left),
        ];
        return ranked is [var best, var next, ..]
            ? $"In {splitName}, {Words(best)} leaves the least by parameter, and {Words(next)} comes next{Apart(best.Left, next.Left)}."
            : null;
    }

    private static string Words((string Name, Spread Left) run) =>
        $"{run.Name} ({run.Left.ToText(x => x.ToString("F3", CultureInfo.InvariantCulture))})";

    private static string Apart(Spread best, Spread next) =>
        best.StandardDeviation is not { } one || next.StandardDeviation is not { } other ? ""
        : next.Mean - best.Mean > one + other ? ", further away than seeds are from each other"
        : ", no further away than seeds are from each other";
}
