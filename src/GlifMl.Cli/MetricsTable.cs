using System.Globalization;
using Spectre.Console;

namespace GlifMl.Cli;

/// <summary>A model's figures as a person reads them: each between what chance scores and the best that the data allow.</summary>
internal static class MetricsTable
{
    // A longer number would push the other columns off the terminal.
    private const double LongestPlain = 1e7;

    public static void Write(IAnsiConsole console, PipelineMetrics metrics, ModelDirectory model)
    {
        Write(console, metrics.HeldOut is null ? "test" : "test, all cells", metrics.Test);
        if (metrics.SeenCells is { } seenCells)
            Write(console, "test, cells seen in training", seenCells);
        if (metrics.HeldOut is { } heldOut)
            Write(console, "test, held-out cells only", heldOut);
        if (metrics.Validation is { } validation)
            console.WriteLine(
                $"validation: score {Number(validation.MseScaled)}, chance {Number(validation.Chance)}, floor "
                    + $"{Number(validation.Floor)}, learnable left {Share(validation.LearnableLeft)}"
            );
        var s = metrics.Seconds;
        console.WriteLine(
            $"seconds: generate {Seconds(s.Generate)}, train {Seconds(s.Train)}, export {Seconds(s.Export)}, evaluate "
                + $"{Seconds(s.Evaluate)}; peak memory {metrics.PeakMemoryMiB:F0} MiB"
        );
        console.WriteLine(
            $"model: {model.Onnx} ({metrics.Model.OnnxBytes / 1024.0:F0} KiB), seed {metrics.Seed}, data {ShortHash.Of(metrics.DataHash)}"
        );
    }

    private static void Write(IAnsiConsole console, string split, SplitMetrics metrics)
    {
        var table = new Table().Border(TableBorder.Simple).Title($"{split}: {metrics.Rows} traces", Style.Plain);
        table.AddColumn("parameter");
        foreach (var header in new[] { "R2", "score", "chance", "floor", "learnable left" })
            table.AddColumn(new TableColumn(header).RightAligned());
        foreach (var (name, p) in metrics.Parameters)
            table.AddRow(name, Share(p.R2), Number(p.MseScaled), Number(p.Chance), Number(p.Floor), Share(p.LearnableLeft));
        table.AddRow("mean", "", Number(metrics.MseScaled), Number(metrics.Chance), Number(metrics.Floor), Share(metrics.LearnableLeft));
        console.Write(table);
        console.WriteLine("score, chance, floor: mean squared error in the published study's label units (C 1e9, R_input 1e-9, dt 1e5)");
        console.WriteLine($"floor: {metrics.FloorNote}");
    }

    // Below rounding a loss is 0; small ones keep three digits, and so do those of a model that failed.
    private static string Number(double value) =>
        value < 1e-12 ? "0.0000" : value.ToString(value is >= 1e-3 and < LongestPlain ? "F4" : "E2", CultureInfo.InvariantCulture);

    private static string Share(double? value) =>
        value?.ToString(Math.Abs(value.Value) < LongestPlain ? "F3" : "E2", CultureInfo.InvariantCulture) ?? "n/a";

    private static string Seconds(double? value) => value?.ToString("F1", CultureInfo.InvariantCulture) ?? "-";
}
