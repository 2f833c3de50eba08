namespace GlifMl.Reporting;

/// <summary>Whether the posteriors hold what they say, how much traces tell, and one trace's posterior in full.</summary>
internal static class PosteriorSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        if (source.Calibration is not { } calibration || source.Metrics.Test.Posterior is not { } joint)
            return;
        page.Section("posterior", "Posterior");
        page.Paragraph(
            $"""
            The rank of the truth in its posterior, the probability that the posterior gives to what is below it, is even over traces where
            the posteriors are right (simulation-based calibration, Talts et al. 2018). Columns that bulge in the middle are posteriors too
            wide, columns high at both ends too narrow. Below, how often a central interval holds the truth, against how often it should.
            For all parameters together: the share of draws nearer than the truth to a point that does not depend on it (TARP, Lemos et al.
            2023).
            """
        );
        page.Legend(
            (SeriesColour.Fitted, "test traces"),
            (SeriesColour.Text, "as it should be, 95 % of right ones within the dashed lines")
        );
        page.Figures([
            .. calibration.Targets.Select((key, k) => CalibrationFigure.Of(key, key, [.. calibration.Rows.Select(row => row.Ranks[k])])),
            CalibrationFigure.Of("joint", "all together", [.. calibration.Rows.Select(row => row.JointRank)]),
        ]);
        Table(page, source.Metrics.Test);
        page.Paragraph(
            $"""
            p is that of ranks at least as uneven where the posteriors are right (Kolmogorov and Smirnov); for all parameters together it is
            {Html.Number(joint.TarpP, "F3")}. The log score is the posterior’s density over the prior’s at the truth, in nats: 0 is what the
            prior scores. Told is 1 less the posterior’s deviation over the prior’s.
            """
        );
        page.Heading($"What the traces tell");
        page.Legend((SeriesColour.Fitted, "median, middle half (thick), 5 to 95 % (thin) of the test traces"));
        page.Figures(ToldFigure.Of(calibration));
        if (source is { Predictions: { } predictions, Posterior: { } posterior })
        {
            page.Paragraph(
                $"""
                A posterior’s width, its deviation over the prior’s, is a claim of how far the answer may be off. Where it is right, answers
                are off by as much: points lie on the line, above it where posteriors are too narrow. Contraction is 1 less the square,
                over all traces.
                """
            );
            page.Legend((SeriesColour.Fitted, "a tenth of the test traces, by width"), (SeriesColour.Text, "as it should be"));
            page.Figures([
                .. calibration.Targets.Select(
                    (key, k) =>
                        WidthFigure.Of(key, [.. calibration.Rows.Select(row => row.Told[k])], WidthFigure.Errors(predictions, posterior, k))
                ),
            ]);
        }

        if (source.Example is not { } example)
            return;
        page.Heading($"The first test trace");
        page.Paragraph(
            $"""
            {example.Draws.Values.First().Length} draws from its posterior, two parameters at a time, and what {example.DrawnMv.Count}
            neurons drawn from it do under the trace’s own current.
            """
        );
        page.Legend((SeriesColour.Fitted, "draws; of the potential the middle 90 %, and three of them"), (SeriesColour.Text, "the truth"));
        page.Figures(PairFigures.Of(example));
        page.Figures(PredictiveFigure.Of(example));
    }

    private static void Table(ReportPage page, SplitMetrics metrics) =>
        page.Table(
            ["parameter", "in 50 %", "in 80 %", "in 90 %", "in 95 %", "p", "log score", "told"],
            metrics
                .Parameters.Where(p => p.Value.Coverage is not null)
                .Select(p =>
                    (IReadOnlyList<Html>)
                        [
                            Html.Text(p.Key),
                            .. p.Value.Coverage!.Values.Select(share => Html.Number(100 * share, "F1")),
                            Html.Number(p.Value.SbcP, "F3"),
                            Html.Number(p.Value.LogScore, "F3"),
                            Html.Number(p.Value.Told, "F3"),
                        ]
                )
        );
}
