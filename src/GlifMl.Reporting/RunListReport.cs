extern alias Plotting;
using System.Globalization;
using GlifMl.Pipelines;

namespace GlifMl.Reporting;

/// <summary>The page of a list of runs: a figure, and tables by question and split; and the same numbers as one Markdown file.</summary>
public static class RunListReport
{
    // A model that fails under a stimulus it has not seen may leave a hundred times what there was; it must not squeeze the others
    // together.
    private const double MostShown = 2;

    /// <summary>Writes the page and the table beside it, in the list's folder.</summary>
    /// <param name="list">The list.</param>
    /// <param name="runs">What <see cref="RunList.Run"/> gave.</param>
    /// <returns>The paths of report.html and of the table.</returns>
    public static (string Page, string Table) Write(RunList list, IReadOnlyList<RunSummary> runs)
    {
        var (definition, folder) = (list.Definition, new ModelDirectory(S3Model.Here(list.Directory)));
        var page = new ReportPage(definition.Name);
        page.Section("summary", "In short");
        page.Paragraph(
            $"""
            Each definition was run with {definition.Seeds.Count} seeds ({string.Join(", ", definition.Seeds)}); numbers are the mean over
            seeds ± the standard deviation between them. Scores are mean squared errors over the published study’s scaled labels, lower is
            better; chance is always answering the label mean, floor the best that any model can do with the inputs. The test has traces of
            cells (combinations of C, El and R_input, or of parts of their ranges) that were seen in training, and of cells that no training
            trace has; each of these two splits has a chance and a floor of its own. Learnable left is (score − floor) / (chance − floor): 1
            learnt nothing, 0 learnt all there is; left by parameter is the mean of the same over the learnable parameters, each counting
            alike, because in the score those with the largest label units outweigh the others (a live dt above all). Scores compare only
            where chance and floor are the same.
            """
        );
        page.Legend((SeriesColour.Fitted, "cells seen in training"), (SeriesColour.Inferred, "cells never seen"));
        page.Figures(LearnableLeft([.. runs.DistinctBy(r => r.Name)]));
        foreach (var question in runs.GroupBy(r => r.Question))
        {
            page.Section($"q{page.Data.Count}", question.Key);
            Scores(page, question, "cells seen in training", RunSummary.Seen);
            if (question.Any(r => r.Metrics[0].HeldOut is not null))
                Scores(page, question, "cells never seen", m => m.HeldOut);
            page.Record(question.Key, question.ToDictionary(r => r.Name, r => r.Metrics));
        }

        AtomicFile.WriteAllText(folder.ListTable, RunListMarkdown.Of(runs));
        var written = page.Write(folder.Report);
        S3Model.At(Path.Combine(list.Directory, Path.GetFileName(folder.Report)))?.Put();
        return (written, folder.ListTable);
    }

    private static void Scores(ReportPage page, IEnumerable<RunSummary> runs, string splitName, Func<PipelineMetrics, SplitMetrics?> split)
    {
        if (RunVerdict.Of(runs, splitName, split) is { } verdict)
            page.Paragraph($"{verdict}");
        string[] parameters = [.. runs.SelectMany(r => r.Metrics[0].Test.Parameters.Keys).Distinct()];
        page.Table(
            [splitName, "score", "chance", "floor", "learnable left", "left by parameter", .. parameters.Select(key => $"R² {key}")],
            runs.Select(r =>
                (IReadOnlyList<Html>)
                    [
                        Html.Text(r.Name),
                        Over(r, m => split(m)?.MseScaled),
                        Over(r, m => split(m)?.Chance),
                        Over(r, m => split(m)?.Floor),
                        Over(r, m => split(m)?.LearnableLeft),
                        Over(r, m => split(m)?.LeftByParameter),
                        .. parameters.Select(key => Over(r, m => split(m)?.Parameters.GetValueOrDefault(key)?.R2)),
                    ]
            )
        );
    }

    private static Html Over(RunSummary run, Func<PipelineMetrics, double?> figure) =>
        run.Over(figure) switch
        {
            null => Html.Text(Html.None),
            { StandardDeviation: { } deviation } spread => Html.Of($"{spread.Mean:F4}<small>± {deviation:F4}</small>"),
            var one => Html.Number(one.Mean, "F4"),
        };

    private static Figure LearnableLeft(IReadOnlyList<RunSummary> runs)
    {
        const int RowHeight = 22;
        var plot = FigureStyle.NewPlot("", "left by parameter (1: nothing learnt, 0: all)");
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 150;
        FigureStyle.Categories(plot.Axes.Left, [.. runs.Select(r => r.Name)]);
        FigureStyle.Lines(
            plot,
            [
                [new(1, -0.6), new(1, runs.Count - 0.4)],
            ],
            SeriesColour.Mean,
            1.2f,
            dashed: true
        );
        foreach (var (row, run) in runs.Index())
        {
            Dots(plot, run, row + 0.14, m => m.HeldOut?.LeftByParameter, SeriesColour.Inferred);
            Dots(plot, run, row - 0.14, m => RunSummary.Seen(m).LeftByParameter, SeriesColour.Fitted);
        }

        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(runs.Count - 0.4, -0.6);
        return new Figure(
            "learnable-left",
            $"What each run left unlearnt, a dot a seed; at {MostShown} that or more",
            "Left by parameter, by definition and seed; the tables have the numbers.",
            Figure.WideWidth,
            60 + (RowHeight * runs.Count),
            plot
        );
    }

    private static void Dots(
        Plotting::ScottPlot.Plot plot,
        RunSummary run,
        double row,
        Func<PipelineMetrics, double?> figure,
        SeriesColour ink
    )
    {
        double[] values = [.. run.Metrics.Select(figure).OfType<double>().Select(v => Math.Min(v, MostShown))];
        FigureStyle.Points(plot, values, [.. values.Select(_ => row)], ink, 6);
    }
}

/// <summary>
/// What the runs of a question come to, in one sentence: which leaves the least, and whether it is more than what seeds do.
/// </summary>
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
