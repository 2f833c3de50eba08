extern alias Plotting;

namespace GlifMl.Reporting;

/// <summary>Losses by epoch; where the network learns the study's labels, chance, floor and the published curve beside them.</summary>
internal static class TrainingSection
{
    // The figure shows every epoch, and the file has their numbers.
    private const int MostRows = 20;

    public static void Add(ReportPage page, ReportSource source)
    {
        if (source.Epochs.Count == 0)
            return;
        page.Section("training", "Training");
        page.Record("training", source.Epochs);
        var comparable = LearnsStudyLabels(source) && source.Example is null;
        var validated = source.Epochs.Any(e => e.ValidationLoss is not null);
        if (comparable)
            page.Paragraph(
                $"""
                Chance and floor are those of the whole test data. A training loss below chance may still be a waveform learnt by heart; the
                test below tells.
                """
            );
        else
            page.Paragraph(
                $"""
                The losses are in the labels that this network learns (scaled otherwise than the published study’s), so chance and floor,
                which are in the study’s, cannot be drawn beside them.
                """
            );
        page.Legend([
            (SeriesColour.Fitted, "training"),
            .. validated ? [(SeriesColour.Inferred, "validation")] : Array.Empty<(SeriesColour, string)>(),
            .. comparable ? [(SeriesColour.Mean, "chance (upper), floor (lower), dashed")] : Array.Empty<(SeriesColour, string)>(),
            .. source.IsStudy
                ? [(SeriesColour.Published, "published: training (solid), validation (dashed)")]
                : Array.Empty<(SeriesColour, string)>(),
        ]);
        var loss = source.Example is null ? "mean squared error" : "negative log likelihood (nats)";
        page.Figures([
            Losses(source, loss, comparable, validated),
            .. LearningFigure.Of(source.Epochs, loss) is { } curve ? [curve] : Array.Empty<Figure>(),
        ]);
        var every = (source.Epochs.Count + MostRows - 1) / MostRows;
        if (every > 1)
            page.Paragraph($"The first of every {every} epochs, and the last; training.jsonl has all of them.");
        page.Table(
            [
                "epoch",
                "training",
                .. validated ? ["validation"] : Array.Empty<string>(),
                .. source.IsStudy ? ["published training", "published validation"] : Array.Empty<string>(),
            ],
            source
                .Epochs.Where((e, n) => n % every == 0 || n == source.Epochs.Count - 1)
                .Select(e =>
                    (IReadOnlyList<Html>)
                        [
                            Html.Of($"{e.Epoch}"),
                            Html.Number(e.TrainLoss, "F4"),
                            .. validated ? [Html.Number(e.ValidationLoss, "F4")] : Array.Empty<Html>(),
                            .. source.IsStudy
                                ?
                                [
                                    Html.Number(At(PublishedStudy.TrainLosses, e.Epoch), "F4"),
                                    Html.Number(At(PublishedStudy.ValidationLosses, e.Epoch), "F4"),
                                ]
                                : Array.Empty<Html>(),
                        ]
                )
        );
    }

    private static double? At(IReadOnlyList<double> losses, int epoch) => epoch <= losses.Count ? losses[epoch - 1] : null;

    private static bool LearnsStudyLabels(ReportSource source) =>
        source.Definition.Steps.Select(s => s.Options).OfType<ScaleTargetsOptions>().FirstOrDefault() is { } scales
        && source.Definition.Targets.All(t => scales.Of(t) == new TargetScale(TargetScaleKind.Fixed, GlifParameter.Of(t).StudyScale));

    private static Figure Losses(ReportSource source, string loss, bool comparable, bool validated)
    {
        var plot = FigureStyle.NewPlot(loss, "epoch");
        var epochs = source.Epochs.Select(e => (double)e.Epoch).ToArray();
        void Curve(IReadOnlyList<double> losses, SeriesColour ink, bool dashed, float size)
        {
            double[] x = [.. Enumerable.Range(1, losses.Count)];
            FigureStyle.Line(plot, x, losses, ink, 1.8f, dashed);
            FigureStyle.Points(plot, x, losses, ink, size);
        }

        if (comparable)
        {
            FigureStyle.Level(plot, source.Metrics.Test.Chance, SeriesColour.Mean);
            if (source.Metrics.Test.Floor is { } floor)
                FigureStyle.Level(plot, floor, SeriesColour.Mean);
        }

        if (source.IsStudy)
        {
            Curve(PublishedStudy.TrainLosses, SeriesColour.Published, dashed: false, 4);
            Curve(PublishedStudy.ValidationLosses, SeriesColour.Published, dashed: true, 4);
        }

        Curve([.. source.Epochs.Select(e => e.TrainLoss)], SeriesColour.Fitted, dashed: false, 6);
        if (validated)
            Curve([.. source.Epochs.Select(e => e.ValidationLoss ?? double.NaN)], SeriesColour.Inferred, dashed: false, 6);
        plot.Axes.AutoScale();
        var last = Math.Max(epochs[^1], source.IsStudy ? PublishedStudy.TrainLosses.Count : 0);
        plot.Axes.SetLimitsX(0.8, last + 0.2);
        plot.Axes.Bottom.TickGenerator = new Plotting::ScottPlot.TickGenerators.NumericAutomatic
        {
            IntegerTicksOnly = true,
            TargetTickCount = 8,
        };
        var end = source.Epochs[^1];
        var lastValidated = end.ValidationLoss is { } validation ? Invariant.Text($", the validation loss {validation:F4}") : "";
        return new Figure(
            "training",
            "Loss by epoch",
            Invariant.Text($"After epoch {end.Epoch} the training loss is {end.TrainLoss:F4}{lastValidated}."),
            Figure.WideWidth,
            280,
            plot
        );
    }
}
