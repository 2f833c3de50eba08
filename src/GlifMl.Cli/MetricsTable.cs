using System.Globalization;
using System.Text;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>A model's figures as a person reads them: each between what chance scores and the best that the data allow.</summary>
internal static class MetricsTable
{
    // A longer number would push the other columns off the terminal.
    private const double LongestPlain = 1e7;
    private const string Unknown = "n/a";

    /// <summary>The figures as lines and tables of Markdown.</summary>
    public static string Of(PipelineMetrics metrics, ModelDirectory model)
    {
        var text = new StringBuilder();
        Append(text, metrics.HeldOut is null ? "test" : "test, all cells", metrics.Test);
        if (metrics.SeenCells is { } seenCells)
            Append(text, "test, cells seen in training", seenCells);
        if (metrics.HeldOut is { } heldOut)
            Append(text, "test, held-out cells only", heldOut);
        AppendLine(text, $"score, chance, floor: mean squared error in the published study's label units ({StudyScales})");
        if (metrics.Validation is { } validation)
            AppendLine(
                text,
                $"validation: score {Number(validation.MseScaled)}, chance {Number(validation.Chance)}, "
                    + $"floor {Number(validation.Floor)}, learnable left {Share(validation.LearnableLeft)}"
            );
        var s = metrics.Seconds;
        AppendLine(
            text,
            $"seconds: generate {Seconds(s.Generate)}, train {Seconds(s.Train)}, export {Seconds(s.Export)}, "
                + $"evaluate {Seconds(s.Evaluate)}; peak memory {metrics.PeakMemoryMiB:F0} MiB"
        );
        AppendLine(
            text,
            $"model: {model.Onnx} ({metrics.Model.OnnxBytes / 1024.0:F0} KiB), seed {metrics.Seed}, data {ShortHash.Of(metrics.DataHash)}"
        );
        return text.ToString();
    }

    private static string StudyScales =>
        string.Join(", ", GlifParameter.All.Where(p => p.StudyScale != 1).Select(p => Invariant.Text($"{p.Key} {Power(p.StudyScale)}")));

    private static string Power(double scale) => Invariant.Text($"1e{Math.Round(Math.Log10(scale))}");

    private static void Append(StringBuilder text, string split, SplitMetrics metrics)
    {
        AppendLine(text, $"{split}: {metrics.Rows} traces\n");
        MarkdownTable.Append(
            text,
            [
                ["parameter", "R2", "score", "chance", "floor", "learnable left"],
                .. metrics.Parameters.Select(p =>
                    Row(p.Key, Share(p.Value.R2), p.Value.MseScaled, p.Value.Chance, p.Value.Floor, p.Value.LearnableLeft)
                ),
                Row("mean", "", metrics.MseScaled, metrics.Chance, metrics.Floor, metrics.LearnableLeft),
            ]
        );
        AppendLine(text, $"\nfloor: {metrics.FloorNote}\n");
        if (metrics.Posterior is not { } joint)
            return;
        MarkdownTable.Append(
            text,
            [
                ["posterior", "in 50 %", "in 80 %", "in 90 %", "in 95 %", "SBC p", "log score", "told"],
                .. metrics
                    .Parameters.Where(p => p.Value.Coverage is not null)
                    .Select(p =>
                        (string[])
                            [
                                p.Key,
                                .. p.Value.Coverage!.Values.Select(share => Invariant.Text($"{100 * share:F1}")),
                                Share(p.Value.SbcP),
                                Share(p.Value.LogScore),
                                Share(p.Value.Told),
                            ]
                    ),
            ]
        );
        AppendLine(text, $"\njoint: TARP p {Share(joint.TarpP)}; log score: nats above the prior's\n");
    }

    private static string[] Row(string name, string r2, double score, double chance, double? floor, double? left) =>
        [name, r2, Number(score), Number(chance), Number(floor), Share(left)];

    private static void AppendLine(StringBuilder text, string line) => text.Append(line).Append('\n');

    // Below rounding a loss is 0; small ones keep three digits, and so do those of a model that failed.
    private static string Number(double? value) => value is { } known ? Number(known) : Unknown;

    private static string Number(double value) =>
        value < 1e-12 ? "0.0000" : value.ToString(value is >= 1e-3 and < LongestPlain ? "F4" : "0.00E+00", CultureInfo.InvariantCulture);

    private static string Share(double? value) =>
        value?.ToString(Math.Abs(value.Value) < LongestPlain ? "F3" : "0.00E+00", CultureInfo.InvariantCulture) ?? Unknown;

    private static string Seconds(double? value) => value?.ToString("F1", CultureInfo.InvariantCulture) ?? "-";
}
