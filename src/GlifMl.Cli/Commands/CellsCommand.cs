using System.CommandLine;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>
/// Judges readings, and the cells that a network of them was trained on, by cells of which it is known what was published.
/// </summary>
internal static class CellsCommand
{
    private const int UsualCount = 500;

    public static Command Create(Terminal terminal)
    {
        var cells = new Argument<string[]>("CELLS")
        {
            Description =
                "TABLE.csv: features of real cells' sweeps, a row a sweep, with what was published of each cell: columns as in "
                + "OpenSourceBrain's table of Allen Long Squares. Or recordings, each with its published neuron, "
                + "RECORDING=NEURON.json, or a folder of such whose names begin alike. Or DEFINITION.yaml: simulated cells of its test.",
            Arity = ArgumentArity.OneOrMore,
        };
        var squares = new Option<string?>("--squares")
        {
            Description = "Of a table: another with R_long_square and C_long_square of the cells' hyperpolarising squares.",
            HelpName = "FILE.csv",
        };
        var models = new Option<string[]>("--model")
        {
            Description =
                "A model of readings, such as models/recordings/model.onnx, or several, which are then compared with one another. "
                + "Default: that of `glifml fit`.",
            HelpName = "FILE.onnx",
            AllowMultipleArgumentsPerToken = true,
        };
        var shards = new Option<string?>("--shards")
        {
            Description = "Simulated cells to compare with: the folder of a split, or shards, of a definition whose traces hold readings.",
            HelpName = "DIR",
        };
        var count = new NumberOption<int>("--count")
        {
            Description = $"Of a definition: how many cells. Default: {UsualCount}.",
            HelpName = "N",
            DefaultValueFactory = _ => UsualCount,
        };
        var json = CommonOptions.Json();
        var command = new Command("cells", "Compare readings with what was published of real cells, or would be of simulated ones.")
        {
            cells,
            squares,
            models,
            shards,
            count,
            json,
        };
        command.SetAction(parsed =>
        {
            var inputs = parsed.GetRequiredValue(cells);
            var found = Cells(inputs, parsed.GetValue(squares), parsed.GetResult(count) is { Implicit: false }, parsed.GetValue(count));
            var given = parsed.GetValue(models) ?? [];
            var loaded = given.Select(file => (Name: Name(file, given.Length), Model: Open(file))).ToArray();
            try
            {
                var ratios = parsed.GetValue(shards) is { } folder ? RealCellReport.Ratios(found, ShardDataView.Open(folder)) : null;
                var scores = CellScoring.Scores(found, loaded.Length > 0 ? loaded : [("network", CellPosterior.Shipped)]);
                if (parsed.GetValue(json))
                {
                    terminal.WriteJson(new { Ratios = ratios, Scores = scores });
                    return;
                }
                if (inputs.Any(RecordedCells.IsOne))
                    terminal.Writer.WriteLine(RealCellReport.EachToMarkdown(found));
                terminal.Writer.Write(RealCellReport.ToMarkdown(ratios, scores));
                if (found.Note is { } note)
                    terminal.Writer.WriteLine($"\n({note})");
            }
            finally
            {
                foreach (var (_, model) in loaded)
                    model.Dispose();
            }
        });
        return command;
    }

    private static RealCells Cells(string[] inputs, string? squares, bool hasCount, int count)
    {
        var isDefinition = inputs is [var only] && Path.GetExtension(only) is ".yaml" or ".yml";
        if (hasCount && !isDefinition)
            throw new ArgumentException("--count: found no definition; expected one, because real cells are all taken");
        if (count < 1)
            throw new ArgumentException($"--count: found {count}; expected at least 1");
        var areRecorded = Array.Exists(inputs, RecordedCells.IsOne);
        if (squares is not null && (isDefinition || areRecorded))
            throw new ArgumentException(
                "--squares: found no table of features; expected one, because recordings hold such sweeps themselves"
            );
        if (isDefinition)
            return SimulatedCells.Of(Pipeline.Load(inputs[0]), count);
        if (areRecorded)
        {
            return Array.Find(inputs, input => !RecordedCells.IsOne(input)) is { } other
                ? throw new ArgumentException($"{other}: found no neuron beside it; expected RECORDING=NEURON.json")
                : RecordedCells.Load(inputs);
        }
        return inputs.Length == 1
            ? RealCells.Load(inputs[0], squares)
            : throw new ArgumentException(
                $"found {inputs.Length} inputs; expected one table, one definition, or RECORDING=NEURON.json each"
            );
    }

    // Of several a model is told by its folder.
    private static string Name(string file, int of) =>
        of == 1 ? "network" : Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))) ?? file;

    private static OnnxModel Open(string file) => OnnxModel.Load(file, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
}
