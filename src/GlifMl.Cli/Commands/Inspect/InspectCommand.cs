using System.CommandLine;
using GlifMl.Pipelines;
using GlifMl.Reporting;

namespace GlifMl.Cli;

/// <summary>What a file or folder of this program's holds.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var path = new Argument<string>("PATH")
        {
            Description =
                "A shard (.parquet) or a folder of shards, a model (.onnx) or its folder, a recording (.nwb, .abf, .ibw, .csv), a stimulus "
                + "(.csv), a definition or a list of runs (.yaml), or a neuron (.json).",
        };
        var set = CommonOptions.Set();
        var sweeps = CommonOptions.Sweeps();
        var outOption = new Option<string?>("--out")
        {
            Description = "Of a recording: a folder for a page with a picture of each sweep.",
            HelpName = "DIR",
        };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what a shard, model, recording, definition or neuron holds.")
        {
            path,
            set,
            sweeps,
            outOption,
            json,
        };
        command.SetAction(parsed =>
        {
            var (inspectedPath, selection) = (parsed.GetRequiredValue(path), CommonOptions.Selection(parsed.GetValue(sweeps)));
            var folder = parsed.GetValue(outOption);
            if (folder is not null && !(File.Exists(inspectedPath) && Recordings.HasEnding(inspectedPath)))
                throw new ArgumentException($"--out: found {inspectedPath}; expected a recording, whose sweeps are drawn");
            var inspected = S3Address.Is(inspectedPath)
                ? InspectedRemote.Of(inspectedPath, parsed.GetValue(set), selection, cancellation)
                : Inspected.Of(inspectedPath, parsed.GetValue(set), selection, cancellation);
            var report = folder is null ? null : RecordingReport.Write(folder, inspectedPath, selection, cancellation);
            foreach (var note in inspected.Notes)
                terminal.Note(note);
            if (parsed.GetValue(json))
                terminal.WriteJson(inspected.Json);
            else
                Print(terminal, inspected);
            if (report is not null)
                terminal.Note($"report: {report}");
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, Inspected inspected)
    {
        var width = inspected.Facts.Max(fact => fact.Key.Length);
        foreach (var (key, lines) in inspected.Facts)
        {
            var shown = terminal.Width is { } columns ? lines.SelectMany(line => TerminalMarkdown.Wrap(line, columns - width - 2)) : lines;
            terminal.Writer.WriteLine($"{key.PadRight(width)}  {string.Join($"\n{new string(' ', width + 2)}", shown)}");
        }

        if (inspected.Definition.Length == 0)
            return;
        terminal.Writer.WriteLine();
        // A model of someone else's may say anything here.
        foreach (var line in inspected.Definition.TrimEnd().Split('\n'))
            terminal.Writer.WriteLine(Quoted.Text(line, int.MaxValue));
    }
}
