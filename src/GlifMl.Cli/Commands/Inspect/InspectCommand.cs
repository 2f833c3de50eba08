using System.CommandLine;

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
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what a shard, model, recording, definition or neuron holds.")
        {
            path,
            set,
            sweeps,
            json,
        };
        command.SetAction(parsed =>
        {
            var inspected = Inspected.Of(
                parsed.GetRequiredValue(path),
                parsed.GetValue(set),
                CommonOptions.Selection(parsed.GetValue(sweeps)),
                cancellation
            );
            foreach (var note in inspected.Notes)
                terminal.Note(note);
            if (parsed.GetValue(json))
                terminal.WriteJson(inspected.Json);
            else
                Print(terminal, inspected);
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
