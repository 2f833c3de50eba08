using System.CommandLine;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using Spectre.Console;

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
                "Shards (.parquet), recordings (text in columns of time, voltage and current, units in the header), folders of either, "
                + "- for a recording on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var modelOption = new Option<string>("--model")
        {
            Description = "The exported model.",
            HelpName = "FILE.onnx",
            Required = true,
        };
        var outOption = new Option<string?>("--out")
        {
            Description = "Where the scores go: FILE.csv, FILE.parquet or FILE.json. Default: a table.",
            HelpName = "FILE",
        };
        var start = new NumberOption<double?>("--start")
        {
            Description = "Where in a recording the trace starts, by its own clock. Default: where the current first changes.",
            HelpName = "S",
        };
        var rest = new NumberOption<double?>("--rest")
        {
            Description = "Resting potential of a recording. Default: the median voltage before the current.",
            HelpName = "mV",
        };
        var (known, engine, json) = (new KnownOption(), new EngineOption(), CommonOptions.Json());
        var command = new Command("score", "Read the parameters out of traces with an exported model.")
        {
            modelOption,
            inputs,
            outOption,
            start,
            rest,
            known,
            engine,
            json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(outOption) is { } file)
            {
                ScoreFile.RequireFormat(file);
                OutputFile.RefuseInputs(file, [parsed.GetRequiredValue(modelOption), .. parsed.GetRequiredValue(inputs)]);
            }
            using var model = OnnxModel.Load(parsed.GetRequiredValue(modelOption), engine.ModelOptions(parsed, terminal));
            var options = new RecordingOptions
            {
                StartSeconds = parsed.GetValue(start),
                RestMv = parsed.GetValue(rest),
                Known = known.ValuesOf(parsed, model.Info),
            };
            var rows = TraceScorer.Score(model, parsed.GetRequiredValue(inputs), options, cancellation).ToArray();
            // Of one input there is nothing else to tell.
            if (rows is [{ Failure: { } failure }])
                ExceptionDispatchInfo.Throw(failure);
            string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
            if (parsed.GetValue(outOption) is { } path)
            {
                ScoreFile.Write(path, names, rows, model.Info.Posterior is not null);
                foreach (var note in rows.Where(IsOfShards).SelectMany(row => row.Notes))
                    terminal.Note(note);
            }
            if (parsed.GetValue(json))
                terminal.WriteJson(ScoreFile.ToJson(names, rows, model.Info.Posterior is not null));
            else if (parsed.GetValue(outOption) is { } written)
                terminal.WriteDone(written, $"{written}: {rows.Length} traces");
            else
                Print(terminal, model.Info, rows);
            Warn(terminal, rows, isShown: !parsed.GetValue(json) && parsed.GetValue(outOption) is null);
            return Array.Exists(rows, row => row.Failure is not null) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    // On standard error: what could not be read, and, where no table says it, what speaks against an answer.
    internal static void Warn(Terminal terminal, ScoredTrace[] rows, bool isShown)
    {
        var doubtful = rows.Where(row => row.Failure is null && row.Answer.Reasons.Count > 0).ToArray();
        foreach (var row in doubtful.Take(isShown ? 0 : RowsShown))
            terminal.Note($"glifml: warning: {row.Source}, trace {row.Trace}: {Verdict(row)}");
        if (!isShown && doubtful.Length > RowsShown)
            terminal.Note(
                $"glifml: warning: {doubtful.Length - RowsShown} more traces like these; columns status and reason name them all"
            );
        var failed = rows.Where(row => row.Failure is not null).ToArray();
        foreach (var row in failed)
            terminal.Note($"glifml: {row.Failure!.Message}");
        if (failed.Length > 0)
            terminal.Note($"glifml: {failed.Length} of {rows.Length} could not be read");
    }

    private static bool IsOfShards(ScoredTrace row) =>
        Directory.Exists(row.Source) || row.Source.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    private static string Verdict(ScoredTrace row) => $"{CheckedAnswer.Word(row.Answer.Status)}: {string.Join("; ", row.Answer.Reasons)}";

    private static void Print(Terminal terminal, OnnxModelInfo info, ScoredTrace[] rows)
    {
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
        if (rows.Length > RowsShown)
            terminal.Writer.WriteLine($"... and {rows.Length - RowsShown} more; --out writes them all");

        // Of recordings all is told; of shards, which may have thousands of traces, what is in the table.
        foreach (var (_, row) in rows.Index().Where(r => r.Item.Failure is null && (r.Item.Notes.Count > 0 || r.Index < RowsShown)))
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
