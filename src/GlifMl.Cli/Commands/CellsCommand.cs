using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Judges a model of recordings, and the cells that it was trained on, by real cells.</summary>
internal static class CellsCommand
{
    public static Command Create(Terminal terminal)
    {
        var table = new Argument<string>("TABLE.csv")
        {
            Description =
                "Features of real cells' sweeps, a row a sweep, with what was published of each cell: columns as in "
                + "OpenSourceBrain's table of Allen Long Squares.",
        };
        var squares = new Option<string?>("--squares")
        {
            Description = "A table with R_long_square and C_long_square of the cells' hyperpolarising squares.",
            HelpName = "FILE.csv",
        };
        var model = new Option<string?>("--model")
        {
            Description = "A model of readings, such as models/recordings/model.onnx.",
            HelpName = "FILE.onnx",
        };
        var shards = new Option<string?>("--shards")
        {
            Description = "Simulated cells to compare with: the folder of a split, or shards, of a definition whose traces hold readings.",
            HelpName = "DIR",
        };
        var json = CommonOptions.Json();
        var command = new Command("cells", "Compare readings and simulated cells with real cells of a table.")
        {
            table,
            squares,
            model,
            shards,
            json,
        };
        command.SetAction(parsed =>
        {
            var real = RealCells.Load(parsed.GetRequiredValue(table), parsed.GetValue(squares));
            using var loaded = parsed.GetValue(model) is { } file
                ? OnnxModel.Load(file, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime })
                : null;
            var ratios = parsed.GetValue(shards) is { } folder ? RealCellReport.Ratios(real, ShardDataView.Open(folder)) : null;
            var scores = RealCellReport.Scores(real, loaded);
            if (parsed.GetValue(json))
                terminal.WriteJson(new { Ratios = ratios, Scores = scores });
            else
                terminal.Writer.Write(RealCellReport.ToMarkdown(ratios, scores));
        });
        return command;
    }
}
