using System.Globalization;
using System.Text;

namespace GlifMl.Pipelines;

/// <summary>The runs of a list as two Markdown tables, scores and R2, aligned so that they read as plain text too.</summary>
internal static class RunListMarkdown
{
    private const string None = "-";

    /// <summary>The tables, then what their figures rest on.</summary>
    /// <param name="runs">The runs, in the list's order; at least one.</param>
    /// <returns>Markdown, ending with a line feed.</returns>
    public static string Of(IReadOnlyList<RunSummary> runs)
    {
        var text = new StringBuilder();
        Append(
            text,
            [
                "definition",
                "cells seen: score",
                "chance",
                "floor",
                "left",
                "left by parameter",
                "never seen: score",
                "chance",
                "floor",
                "left",
                "left by parameter",
            ],
            runs,
            ScoreCells
        );
        string[] parameters = [.. runs.SelectMany(r => r.Metrics[0].Test.Parameters.Keys).Distinct()];
        Append(text, ["R2, cells seen / never seen", .. parameters], runs, run => [.. parameters.Select(key => R2(run, key))]);
        return text.AppendJoin('\n', Notes(runs)).Append('\n').ToString();
    }

    private static string[] ScoreCells(RunSummary run) => [.. Split(run, RunSummary.Seen), .. Split(run, m => m.HeldOut)];

    private static IEnumerable<string> Split(RunSummary run, Func<PipelineMetrics, SplitMetrics?> split) =>
        [
            Words(run, m => split(m)?.MseScaled, "F4"),
            Words(run, m => split(m)?.Chance, "F4"),
            Words(run, m => split(m)?.Floor, "F4"),
            Words(run, m => split(m)?.LearnableLeft, "F3"),
            Words(run, m => split(m)?.LeftByParameter, "F3"),
        ];

    private static string Words(RunSummary run, Func<PipelineMetrics, double?> figure, string format) =>
        run.Over(figure)?.ToText(x => Number(x, format)) ?? None;

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string R2(RunSummary run, string key)
    {
        string Mean(Func<PipelineMetrics, SplitMetrics?> split) =>
            run.Over(m => split(m)?.Parameters.GetValueOrDefault(key)?.R2) is { } figure ? Number(figure.Mean, "F3") : None;
        return $"{Mean(RunSummary.Seen)} / {Mean(m => m.HeldOut)}";
    }

    private static IEnumerable<string> Notes(IReadOnlyList<RunSummary> runs)
    {
        int[] seeds = [.. runs[0].Metrics.Select(m => m.Seed)];
        yield return seeds is [var only]
            ? $"- seed {only}"
            : $"- seeds {string.Join(", ", seeds)}: mean ± standard deviation between them; each draws data, held-out cells and weights "
                + "anew";
        yield return "- cells: combinations of C, El and R_input (or of parts of their ranges); the test has traces of cells seen in "
            + "training and of cells never seen, and each split its own chance and floor";
        yield return "- score: mean squared error over the parameters, in the published study's label units (C 1e9, R_input 1e-9, dt 1e5)";
        yield return "- left: of the score, 0 at the floor and 1 at chance; left by parameter: the mean of the same over the learnable "
            + "parameters, each counting alike (a live dt outweighs all others in the score), with what is left of its chance where its "
            + "floor is not known";
        yield return "- scores compare only where chance and floor are the same";
    }

    private static void Append(StringBuilder text, string[] header, IReadOnlyList<RunSummary> runs, Func<RunSummary, string[]> cells)
    {
        var lines = new List<string[]> { header };
        foreach (var question in runs.GroupBy(r => r.Question))
        {
            lines.Add([$"**{question.Key.Replace("|", "\\|", StringComparison.Ordinal)}**", .. Enumerable.Repeat("", header.Length - 1)]);
            lines.AddRange(question.Select(run => (string[])[run.Name, .. cells(run)]));
        }

        MarkdownTable.Append(text, lines);
        text.Append('\n');
    }
}
