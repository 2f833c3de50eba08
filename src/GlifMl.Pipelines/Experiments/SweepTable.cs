using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>What a sweep came to.</summary>
/// <param name="Name">The definition that was swept.</param>
/// <param name="RankedBy">What the trials are ranked by, on the validation traces: <c>left</c> or <c>score</c>.</param>
/// <param name="Trials">The trials, the best first; those that were not run last.</param>
/// <param name="Minutes">What the trials took together, minutes.</param>
/// <param name="Budget">What they might take; null without a limit.</param>
public sealed record SweepTable(string Name, string RankedBy, IReadOnlyList<SweepTrial> Trials, double Minutes, double? Budget)
{
    private static readonly string[] Figures = ["left", "score", "test left", "test score", "train s", "ONNX KiB"];

    /// <summary>The best trial; null where none was finished.</summary>
    [JsonIgnore]
    public SweepTrial? Best => Trials is [{ Metrics: not null } best, ..] ? best : null;

    /// <summary>The table as Markdown, aligned so that it reads as plain text too.</summary>
    /// <returns>Markdown, ending with a line feed.</returns>
    internal string ToMarkdown()
    {
        string[] keys = [.. Trials.SelectMany(trial => trial.Values).Select(value => value.Key).Distinct()];
        var rungs = Trials.Any(trial => trial.TrainTraces is not null);
        var text = new StringBuilder();
        MarkdownTable.Append(
            text,
            [
                ["trial", .. keys.Select(Header), .. rungs ? ["traces"] : Array.Empty<string>(), .. Figures],
                .. Trials.Select((trial, n) => Cells(trial, n, keys, rungs)),
            ]
        );
        return text.Append('\n').AppendJoin('\n', Notes()).Append('\n').ToString();
    }

    private static string[] Cells(SweepTrial trial, int n, string[] keys, bool rungs)
    {
        var (validation, test) = (trial.Metrics?.Validation, trial.Metrics?.Test);
        return
        [
            trial.Metrics is null
                ? trial.Failure is null
                    ? "not run"
                    : "failed"
                : $"{n + 1}",
            .. keys.Select(key => trial.Values.FirstOrDefault(value => value.Key == key)?.Value ?? "-"),
            .. rungs ? new[] { trial.TrainTraces is { } traces ? $"{traces}" : "-" } : [],
            Number(validation?.LeftByParameter, "F4"),
            Number(validation?.MseScaled, "F4"),
            Number(test?.LeftByParameter, "F4"),
            Number(test?.MseScaled, "F4"),
            Number(trial.Metrics?.Seconds.Train, "F1"),
            Number(trial.Metrics?.Model.OnnxBytes / 1024.0, "F1"),
        ];
    }

    private IEnumerable<string> Notes()
    {
        var notRun = Trials.Count(trial => trial is { Metrics: null, Failure: null });
        yield return Invariant.Text($"- {Trials.Count} trials in {Minutes:F1} minutes")
            + (Budget is { } budget ? Invariant.Text($" of {budget:0.##}") : "")
            + (notRun > 0 ? $"; {notRun} not run, for want of minutes" : "");
        yield return $"- ranked by {RankedBy} on the validation traces; the test traces had no say";
        yield return "- left: the mean over the parameters of (score - floor) / (chance - floor), 0 learnt all and 1 nothing, with what is "
            + "left of chance where a floor is not known; score: mean squared error in the published study's label units";
        if (Trials.Any(trial => trial.TrainTraces is not null))
            yield return "- traces: training traces that a trial had last; the better third went on to three times as many, and only those "
                + "of one number compare";
        foreach (var trial in Trials.Where(trial => trial.Failure is not null))
            yield return $"- failed: {trial.Failure}";
    }

    /// <summary>A key without the part that all have in common.</summary>
    private static string Header(string key) =>
        key.StartsWith("pipeline.", StringComparison.Ordinal) && key.Split('.') is [_, var step, ..]
            ? int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out _) && key.Count(c => c == '.') == 1
                ? $"step {step}"
                : key["pipeline.".Length..]
            : key;

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}

/// <summary>One definition of a sweep.</summary>
/// <param name="Name">Its name, from the values.</param>
/// <param name="Values">What it has at the places that are swept.</param>
/// <param name="Folder">The folder of its model; of a trial that was not run, where it would be.</param>
/// <param name="TrainTraces">Training traces it had last, where the search halves; null elsewhere.</param>
/// <param name="Metrics">Its figures; null where it was not run, or failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record SweepTrial(
    string Name,
    IReadOnlyList<SweptValue> Values,
    string Folder,
    int? TrainTraces,
    PipelineMetrics? Metrics,
    string? Failure
);

/// <summary>What stands at a place of a definition that is swept.</summary>
/// <param name="Key">The place, as <c>--set</c> has it.</param>
/// <param name="Value">The value, as a definition writes it; of steps, their names.</param>
public sealed record SweptValue(string Key, string Value);
