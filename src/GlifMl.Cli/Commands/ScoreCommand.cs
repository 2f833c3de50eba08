using System.CommandLine;
using System.Globalization;
using GlifMl.Datasets;
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
            Description = "Shards (.parquet), folders of shards, and recordings (.csv: time_s, current_pA, voltage_mV).",
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
        var start = new Option<double?>("--start")
        {
            Description = "Where in a recording the trace starts. Default: the first sample with current.",
            HelpName = "S",
        };
        var rest = new Option<double?>("--rest")
        {
            Description = "Resting potential of a recording. Default: the median voltage before the current.",
            HelpName = "mV",
        };
        var json = CommonOptions.Json();
        var command = new Command("score", "Read the parameters out of traces with an exported model.")
        {
            modelOption,
            inputs,
            outOption,
            start,
            rest,
            json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(outOption) is { } file)
            {
                ScoreFile.RequireFormat(file);
                OutputFile.RefuseInputs(file, [parsed.GetRequiredValue(modelOption), .. parsed.GetRequiredValue(inputs)]);
            }
            using var model = OnnxModel.Load(parsed.GetRequiredValue(modelOption));
            var options = new RecordingOptions { StartSeconds = parsed.GetValue(start), RestMv = parsed.GetValue(rest) };
            var rows = TraceScorer.Score(model, parsed.GetRequiredValue(inputs), options, cancellation).ToArray();
            string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
            if (parsed.GetValue(outOption) is { } path)
            {
                ScoreFile.Write(path, names, rows);
                foreach (var note in rows.Where(row => !Recordings.HasEnding(row.Source)).SelectMany(row => row.Notes))
                    terminal.Error.WriteLine(note);
            }
            if (parsed.GetValue(json))
                terminal.WriteJson(ScoreFile.ToJson(names, rows));
            else if (parsed.GetValue(outOption) is { } written)
                terminal.WriteDone(written, $"{written}: {rows.Length} traces");
            else
                Print(terminal, model.Info, rows);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, OnnxModelInfo info, ScoredTrace[] rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("source", "trace");
        foreach (var p in info.Parameters)
            table.AddColumn(new TableColumn($"{p.Name} ({p.Unit})").RightAligned());
        foreach (var row in rows.Take(RowsShown))
            table.AddRow([
                Markup.Escape(Path.GetFileName(row.Source)),
                $"{row.Trace}",
                .. row.Parameters.Select(v => v.ToString("G5", CultureInfo.InvariantCulture)),
            ]);
        terminal.Output.Write(table);
        if (rows.Length > RowsShown)
            terminal.Writer.WriteLine($"... and {rows.Length - RowsShown} more; --out writes them all");

        foreach (var row in rows.Where(r => r.Notes.Count + r.OutOfRange.Count > 0))
        {
            terminal.Writer.WriteLine($"{row.Source}:");
            foreach (var note in row.Notes)
                terminal.Writer.WriteLine($"  {note}");
            foreach (var m in row.OutOfRange)
            {
                var place = m.IsOutside ? "OUTSIDE the training range" : "within the training range";
                terminal.Writer.WriteLine(
                    $"  {m.Statistic} {m.Value:G4} {m.Unit}: {m.Deviations:+0.0;-0.0} sd from training, {place} "
                        + $"({m.Training.Percentile1:G4} to {m.Training.Percentile99:G4})"
                );
            }
        }
    }
}
