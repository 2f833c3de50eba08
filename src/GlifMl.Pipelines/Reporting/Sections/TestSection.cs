using GlifMl.Pipelines.Metrics;
using GlifMl.Pipelines.Reporting.Data;
using GlifMl.Pipelines.Reporting.Figures;
using GlifMl.Pipelines.Reporting.Page;

namespace GlifMl.Pipelines.Reporting.Sections;

/// <summary>Predicted against true, parameter by parameter, and every figure of metrics.json.</summary>
internal static class TestSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        page.Section("test", "Test");
        if (source.Predictions is { } predictions)
        {
            page.Paragraph($"Predictions against the truth. A model that has learnt nothing answers the same whatever the truth; a perfect one lies on the marks of the truth.");
            page.Legend((Ink.Text, "truth"), (Ink.Fitted, "predictions: median, middle half (thick), 5 to 95 % (thin)"), (Ink.Mean, "label mean"));
            page.Figures([.. predictions.Targets.Select((key, k) => PredictionFigure.Of(key, Values(predictions.Truth, k), Values(predictions.Predicted, k), source.LabelMeans.GetValueOrDefault(key, double.NaN), source.Metrics.Test.Parameters[key].R2))]);
        }

        Table(page, source.Metrics.HeldOut is null ? "Test" : "Test, all cells", source.Metrics.Test);
        if (source.Metrics.SeenCells is { } seenCells)
            Table(page, "Test, only cells seen in training", seenCells);
        if (source.Metrics.HeldOut is { } heldOut)
            Table(page, "Test, only cells held out of training", heldOut);
        if (source.Metrics.Validation is { } validation)
            Table(page, "Validation", validation);
        if (source.IsStudy)
            page.Paragraph($"The validation traces share the training waveform, and many are identical to training traces, because the study’s three sweeps carry one waveform. The test has another waveform but the same configurations.");
    }

    private static double[] Values(IReadOnlyList<double[]> rows, int column) => [.. rows.Select(r => r[column])];

    private static double[] Values(IReadOnlyList<float[]> rows, int column) => [.. rows.Select(r => (double)r[column])];

    private static void Table(ReportPage page, string split, SplitMetrics metrics)
    {
        page.Heading($"{split}: {metrics.Rows} traces");
        page.Table(
            ["parameter", "R²", "score", "chance", "floor", "learnable left"],
            [
                .. metrics.Parameters.Select(p => Row(Html.Text(p.Key), p.Value.R2, p.Value.MseScaled, p.Value.Chance, p.Value.Floor, Left(p.Value))),
                Row(Html.Text("mean"), null, metrics.MseScaled, metrics.Chance, metrics.Floor, metrics.LearnableLeft),
            ]);
        page.Paragraph($"Floor: {metrics.FloorNote}.");
    }

    private static double? Left(ParameterMetrics p) => p.Chance > p.Floor ? (p.MseScaled - p.Floor) / (p.Chance - p.Floor) : null;

    private static IReadOnlyList<Html> Row(Html name, double? r2, double score, double chance, double floor, double? left) =>
        [name, Html.Number(r2, "F3"), Loss(score), Loss(chance), Loss(floor), Html.Number(left, "F3")];

    // Losses of small parameters would all read 0.0000.
    private static Html Loss(double value) => Html.Number(value, Math.Abs(value) is > 1e-30 and < 1e-3 ? "0.00e0" : Math.Abs(value) <= 1e-30 ? "0" : "F4");
}
