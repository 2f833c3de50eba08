namespace GlifMl.Reporting;

/// <summary>Predicted against true, parameter by parameter, and every figure of metrics.json.</summary>
internal static class TestSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        page.Section("test", "Test");
        if (source.Predictions is { } predictions)
        {
            var columns = predictions.Targets.Select((_, k) => Values(predictions.Truth, k)).ToArray();
            page.Paragraph(
                $"""
                Predictions against the truth. A model that has learnt nothing answers the same whatever the truth; a perfect one lies on
                the marks of the truth.
                """
            );
            string[] marks =
            [
                .. columns.Any(c => PredictionFigure.HasColumns(c))
                    ? ["median, middle half (thick), 5 to 95 % (thin)"]
                    : Array.Empty<string>(),
                .. columns.All(c => PredictionFigure.HasColumns(c))
                    ? Array.Empty<string>()
                    : [$"a point a trace, {PredictionFigure.ShownPoints} at most"],
            ];
            page.Legend(
                (SeriesColour.Text, "truth"),
                (SeriesColour.Fitted, $"predictions: {string.Join("; ", marks)}"),
                (SeriesColour.Mean, "mean of the training labels")
            );
            page.Figures([
                .. predictions.Targets.Select(
                    (key, k) =>
                        PredictionFigure.Of(
                            key,
                            columns[k],
                            Values(predictions.Predicted, k),
                            source.LabelMeans.GetValueOrDefault(key, double.NaN),
                            source.Metrics.Test.Parameters[key].R2
                        )
                ),
            ]);
        }

        Table(page, source.Metrics.HeldOut is null ? "Test" : "Test, all cells", source.Metrics.Test);
        if (source.Metrics.SeenCells is { } seenCells)
            Table(page, "Test, only cells seen in training", seenCells);
        if (source.Metrics.HeldOut is { } heldOut)
            Table(page, "Test, only cells held out of training", heldOut);
        if (source.Metrics.Validation is { } validation)
            Table(page, "Validation", validation);
        if (source.IsStudy)
            page.Paragraph(
                $"""
                The validation traces share the training waveform, and many are identical to training traces, because the study’s three
                sweeps carry one waveform. The test has another waveform but the same configurations.
                """
            );
    }

    private static double[] Values(IReadOnlyList<double[]> rows, int column) => [.. rows.Select(r => r[column])];

    private static double[] Values(IReadOnlyList<float[]> rows, int column) => [.. rows.Select(r => (double)r[column])];

    private static void Table(ReportPage page, string split, SplitMetrics metrics)
    {
        page.Heading($"{split}: {metrics.Rows} traces");
        page.Table(
            ["parameter", "R²", "score", "chance", "floor", "learnable left"],
            [
                .. metrics.Parameters.Select(p =>
                    Row(Html.Text(p.Key), p.Value.R2, p.Value.MseScaled, p.Value.Chance, p.Value.Floor, p.Value.LearnableLeft)
                ),
                Row(Html.Text("mean"), null, metrics.MseScaled, metrics.Chance, metrics.Floor, metrics.LearnableLeft),
            ]
        );
        page.Paragraph($"Floor: {metrics.FloorNote}.");
    }

    private static IReadOnlyList<Html> Row(Html name, double? r2, double score, double chance, double? floor, double? left) =>
        [name, Html.Number(r2, "F3"), Loss(score), Loss(chance), Loss(floor), Html.Number(left, "F3")];

    // Losses of small parameters would all read 0.0000.
    private static Html Loss(double? value) => value is { } known ? Loss(known) : Html.Text(Html.None);

    private static Html Loss(double value) =>
        Html.Number(
            value,
            Math.Abs(value) is > 1e-30 and < 1e-3 ? "0.00e0"
                : Math.Abs(value) <= 1e-30 ? "0"
                : "F4"
        );
}
