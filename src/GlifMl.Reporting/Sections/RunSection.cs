namespace GlifMl.Reporting;

/// <summary>How the model came to be.</summary>
internal static class RunSection
{
    public static void Add(ReportPage page, ReportSource source)
    {
        var metrics = source.Metrics;
        page.Section("run", "The run");
        page.Facts([
            ("Definition", Html.Text(metrics.Pipeline)),
            ("Seed", Html.Of($"{metrics.Seed}")),
            ("Training stimulus", Html.Text(source.Definition.Dataset.Splits.Train.Stimulus.Name)),
            ("Test stimulus", Html.Text(source.Definition.Dataset.Splits.Test.Stimulus.Name)),
            ("Data", Html.Text(ShortHash.Of(metrics.DataHash))),
            ("Chain", Html.Text(string.Join(" → ", source.Definition.Steps.Select(s => s.Name)))),
            ("Generate", Seconds(metrics.Seconds.Generate)),
            ("Train", Seconds(metrics.Seconds.Train)),
            ("Export", Seconds(metrics.Seconds.Export)),
            ("Evaluate", Seconds(metrics.Seconds.Evaluate)),
            ("model.onnx", Html.Of($"{metrics.Model.OnnxBytes / 1024.0:F1} KiB")),
            ("Trainable numbers", Html.Number(metrics.Model.Parameters, "0")),
            ("Peak memory", Html.Of($"{metrics.PeakMemoryMiB:F0} MiB")),
            .. metrics.Made is { } made ? Made(made) : [],
        ]);
        page.Paragraph(
            $"""
            Allen Cell Types Database, © 2015 Allen Institute for Brain Science, celltypes.brain-map.org. GLIF models: Teeter et al. 2018,
            Nature Communications 9:709.
            """
        );
    }

    private static IEnumerable<(string Name, Html Value)> Made(RunProvenance made)
    {
        var commit = made.Commit is { } hash ? $" ({ShortHash.Of(hash)})" : "";
        return
        [
            ("Made", Html.Text(Invariant.Text($"{made.Date:yyyy-MM-dd HH:mm} UTC"))),
            ("By", Html.Text($"GlifMl {made.Version}{commit}, .NET {made.Runtime}")),
            ("On", Html.Of($"{made.Processor}, {made.Cores} cores, {made.System}")),
            ("LSTM kernel", Html.Text(made.Kernel)),
        ];
    }

    private static Html Seconds(double? seconds) => seconds is { } s ? Html.Of($"{s:F1} s") : Html.Text(Html.None);
}
