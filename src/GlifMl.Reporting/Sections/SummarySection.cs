extern alias Plotting;

namespace GlifMl.Reporting;

/// <summary>What a reader should know who reads nothing else.</summary>
internal static class SummarySection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        page.Section("summary", "In short");
        var test = source.Metrics.Test;
        page.Record("metrics", source.Metrics);
        page.Paragraph(
            $"""
            The model scores {test.MseScaled:F4} on {test.Rows} test traces ({source.Definition.Dataset.Splits.Test.Stimulus.Name}; seed
            {source.Metrics.Seed}). Always answering the label mean scores {test.Chance:F4} (chance); {Floor(test)} Lower is better: the
            unit is the mean squared error over the published study’s scaled labels. {Verdict(test)}
            """
        );
        if (source.IsStudy)
        {
            page.Record(
                "published",
                new
                {
                    source = PublishedStudy.Source,
                    testLoss = PublishedStudy.TestLoss,
                    trainLosses = PublishedStudy.TrainLosses,
                    validationLosses = PublishedStudy.ValidationLosses,
                    inferred = PublishedStudy.Inferred,
                    spikeCounts = PublishedStudy.SpikeCounts,
                    storedFittedSpikeCounts = PublishedStudy.StoredFittedSpikeCounts,
                }
            );
            page.Callout(
                $"""
                The published study’s test loss, {PublishedStudy.TestLoss:F4}, is worse than always answering the label mean: it learnt
                almost nothing. (It is the mean over {PublishedStudy.TestTraces} traces, whose sampling error from dt alone is
                {DtSamplingError():F3}: it cannot be told from chance.) Of its five parameters dt cannot be learnt at all, because the
                simulation overwrites it with the sampling interval and its label touches no trace; dt alone makes
                {test.Parameters[GlifParameter.TimeStep].Chance / test.Parameters.Count:F3} of the chance of {test.Chance:F3}. Only
                {test.Chance - (test.Floor ?? 0):F3} was there to learn. (Source of published numbers: {PublishedStudy.Source}.)
                """
            );
        }

        page.Figures(ScoreLine(source));
    }

    /// <summary>
    /// Standard error of the study's test loss through dt, for a model that always answers its mean: the values of its grid, scaled, are 1,
    /// 3, 5, 7, 9.
    /// </summary>
    private static double DtSamplingError()
    {
        double[] squares = [16, 4, 0, 4, 16];
        var variance = squares.Average(s => s * s) - Math.Pow(squares.Average(), 2);
        return Math.Sqrt(variance / PublishedStudy.TestTraces) / PublishedStudy.Inferred.Count;
    }

    private static Html Floor(SplitMetrics test) =>
        test.Floor is { } floor
            ? Html.Of($"the best that any model can do with these inputs is {floor:F4} (floor).")
            : Html.Of($"how well any model can do is not known, because no two inputs are equal.");

    private static Html Verdict(SplitMetrics test) =>
        test.LearnableLeft switch
        {
            null when test.Floor is null => Html.Of($"It leaves {100 * test.MseScaled / test.Chance:F1} % of what chance leaves."),
            null => Html.Of($"Nothing is learnable here, because chance and floor are one."),
            >= 1 => Html.Of($"It is no better than chance: it has learnt nothing that carries over to these traces."),
            { } left => Html.Of($"Of what lies between chance and floor it leaves {100 * left:F0} % unlearnt."),
        };

    private static Figure ScoreLine(ReportSource source)
    {
        const int RowHeight = 34;
        var test = source.Metrics.Test;
        (string Name, double Value, SeriesColour SeriesColour)[] rows =
        [
            .. test.Floor is { } floor ? [("floor", floor, SeriesColour.Muted)] : Array.Empty<(string, double, SeriesColour)>(),
            ("this model", test.MseScaled, SeriesColour.Fitted),
            ("chance", test.Chance, SeriesColour.Mean),
            .. source.IsStudy
                ? [("published", PublishedStudy.TestLoss, SeriesColour.Published)]
                : Array.Empty<(string, double, SeriesColour)>(),
        ];
        var plot = FigureStyle.NewPlot("", "mean squared error, scaled labels (lower is better)");
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 84;
        FigureStyle.Categories(plot.Axes.Left, [.. rows.Select(r => r.Name)]);
        var (low, high) = (rows.Min(r => r.Value), rows.Max(r => r.Value));
        var span = Math.Max(high - low, 1e-9);
        foreach (var (i, row) in rows.Index())
        {
            FigureStyle.Line(plot, [low - (0.08 * span), row.Value], [i, i], row.SeriesColour, 2);
            FigureStyle.Points(plot, [row.Value], [i], row.SeriesColour, 10);
            FigureStyle.Words(
                plot,
                Invariant.Text($"  {row.Value:F4}"),
                row.Value,
                i,
                SeriesColour.Text,
                Plotting::ScottPlot.Alignment.MiddleLeft
            );
        }

        plot.Axes.SetLimits(low - (0.08 * span), high + (0.25 * span), rows.Length - 0.5, -0.5);
        plot.Grid.YAxisStyle.IsVisible = false;
        return new Figure(
            "score",
            "Where the test score lies",
            string.Join(", ", rows.Select(r => Invariant.Text($"{r.Name} {r.Value:F4}"))),
            Figure.WideWidth,
            50 + (RowHeight * rows.Length),
            plot
        );
    }
}
