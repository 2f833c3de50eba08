using System.CommandLine;
using System.Globalization;
using System.Text;
using GlifMl.Onnx;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Parameters out of traces, through OnnxRuntime.</summary>
internal static class ScoreCommand
{
    // What fits under a table in a terminal; --out and --json take them all.
    private const int RowsShown = 20;

    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var inputs = new Argument<string[]>("INPUT")
        {
            Description =
                "Shards (.parquet), recordings (NWB, ABF, Igor waves, text in columns of time, voltage and current with units), "
                + "folders of either, in S3 too (s3://BUCKET/PREFIX), - for text on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var modelOption = new Option<string>("--model")
        {
            Description = "The exported model; one in S3 as s3://BUCKET/PREFIX.",
            HelpName = "FILE.onnx",
            Required = true,
        };
        var outOption = new Option<string?>("--out")
        {
            Description = "Where the scores go: FILE.csv, FILE.parquet or FILE.json. Default: a table.",
            HelpName = "FILE",
        };
        var recording = new RecordingReadOptions();
        var sweeps = new SweepOptions();
        var (engine, json, quiet) = (new EngineOption(OnnxEngine.Auto), CommonOptions.Json(), CommonOptions.Quiet());
        var command = new Command("score", "Read the parameters out of traces with an exported model.")
        {
            modelOption,
            inputs,
            outOption,
            recording.Start,
            recording.Rest,
            sweeps.Numbers,
            sweeps.Stimulus,
            sweeps.SpikeCut,
            sweeps.Repair,
            recording.Known,
            engine,
            json,
            quiet,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(outOption) is { } place)
            {
                ScoreFile.RequireFormat(place);
                OutputFile.RefuseInputs(place, [parsed.GetRequiredValue(modelOption), .. parsed.GetRequiredValue(inputs)]);
            }
            var reading = sweeps.ReadingOf(parsed);
            using var file = InputFile.OfModel(parsed.GetRequiredValue(modelOption));
            using var model = OnnxModel.Load(file.Path, engine.ModelOptions(parsed, terminal));
            var options = recording.OptionsOf(parsed, model.Info);
            var run = new ScoreRun(
                progress => TraceScorer.Score(model, parsed.GetRequiredValue(inputs), options, reading, cancellation, progress),
                terminal.Follow(parsed.GetValue(quiet))
            );
            var columns = ScoreColumns.Of(model.Info);
            var written = parsed.GetValue(outOption);
            var isJson = parsed.GetValue(json);
            if (written is not null)
                ScoreFile.Write(written, columns, isJson ? ScoreFile.AlsoAsJson(terminal.Writer, columns, run.Rows()) : run.Rows());
            else if (isJson)
                ScoreFile.WriteJson(terminal.Writer, columns, run.Rows());
            else
                Print(terminal, model.Info, run);
            return run.End(terminal, written, isJson);
        });
        return command;
    }

    private static void Print(Terminal terminal, OnnxModelInfo info, ScoreRun run)
    {
        // Of recordings all is told; of shards, which may have any number of traces, what is in the table.
        ScoredTrace[] rows = [.. run.Rows().Where(row => run.Count <= RowsShown || (row.Failure is null && row.Notes.Count > 0))];
        var units = info.Parameters.Select(p => ShownUnit.Of(p.Unit)).ToArray();
        var text = new StringBuilder();
        MarkdownTable.Append(
            text,
            [
                ["source", "trace", .. info.Parameters.Zip(units, (p, unit) => $"{p.Name} ({unit.Symbol})"), "status"],
                .. rows.Take(RowsShown)
                    .Select(row =>
                        (string[])
                            [
                                Path.GetFileName(row.Source),
                                row.Trace.ToString(CultureInfo.InvariantCulture),
                                .. units.Select((unit, k) => Value(row, k, unit)),
                                CheckedAnswer.Word(row.Answer.Status),
                            ]
                    ),
            ]
        );
        terminal.WriteMarkdown(text.ToString());
        if (run.Count > RowsShown)
            terminal.Writer.WriteLine($"... and {run.Count - RowsShown} more; --out writes them all");
        foreach (var row in rows.Where(row => row.Failure is null))
            PrintDetails(terminal, row);
    }

    private static string Value(ScoredTrace row, int parameter, ShownUnit unit)
    {
        var value = row.Answer.Parameters[parameter];
        return row.Posterior is { } posterior && float.IsFinite(value)
            ? $"{unit.Number(value)} ± {unit.Number(posterior.Deviations[parameter])}"
            : unit.Number(value);
    }

    private static void PrintDetails(Terminal terminal, ScoredTrace row)
    {
        if (row.Answer.Reasons.Count + row.Notes.Count + row.OutOfRange.Count == 0)
            return;
        var text = new StringBuilder();
        text.Append(row.Notes.Count > 0 && row.Trace == 0 ? $"{row.Source}:\n" : $"{row.Source}, trace {row.Trace}:\n");
        foreach (var reason in row.Answer.Reasons)
            text.Append(Invariant.Text($"  {CheckedAnswer.Word(row.Answer.Status)}: {reason}\n"));
        foreach (var note in row.Notes)
            text.Append(Invariant.Text($"  {note}\n"));
        foreach (var m in row.OutOfRange.Where(m => !m.IsOutside))
            text.Append(
                Invariant.Text(
                    $"  {m.Statistic} {m.Value:G4} {m.Unit}: {Distance(m.Deviations)}within its range "
                        + $"({m.Training.Minimum:G4} to {m.Training.Maximum:G4})\n"
                )
            );
        terminal.WriteMarkdown(text.ToString());
    }

    /// <summary>How far from the training mean; nothing where the training traces do not vary, or where it rounds to nothing.</summary>
    private static string Distance(double deviations) =>
        double.IsFinite(deviations) && Math.Round(deviations, 1) is var rounded && rounded != 0
            ? Invariant.Text($"{rounded:+0.0;-0.0} sd from training, ")
            : "";
}
