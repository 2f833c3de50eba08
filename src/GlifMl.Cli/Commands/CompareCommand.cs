using System.CommandLine;
using GlifMl.Pipelines;
using GlifMl.Reporting;

namespace GlifMl.Cli;

/// <summary>Definitions side by side, between chance and floor.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        var definitions = new Argument<string[]>("PIPELINE.yaml")
        {
            Description = "The pipeline definitions: of one seed and dataset, however each stores its traces.",
            Arity = ArgumentArity.OneOrMore,
        };
        var repeat = new NumberOption<int>("--repeat")
        {
            Description = "Seeds: each definition's own and the N - 1 that follow; the table then has mean and spread.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var holdOut = new Option<bool>("--hold-out")
        {
            Description =
                "Train each definition also without whole cells of C, El and R_input (a grid's values, or quarters of the ranges), and "
                + "test it on these.",
        };
        var outOption = new Option<string?>("--out")
        {
            Description = "Write the table: FILE.md, FILE.json, FILE.svg or FILE.png, or a folder for all of them.",
            HelpName = "DIR|FILE",
        };
        var output = CommonOptions.Output("Folder of the models, one folder a definition. Default: each definition's own.");
        var data = new Option<string?>("--data")
        {
            Description = "Folder of the datasets, one folder a hash. Default: datasets/shards.",
            HelpName = "DIR",
        };
        var (set, resume, force) = (CommonOptions.Set(), CommonOptions.Resume(), CommonOptions.Force());
        var (engine, json, quiet) = (new EngineOption(OnnxEngine.Steady), CommonOptions.Json(), CommonOptions.Quiet());
        var command = new Command("compare", "Run definitions, or take over their models, and print one table.")
        {
            definitions,
            repeat,
            holdOut,
            outOption,
            set,
            output,
            data,
            resume,
            force,
            engine,
            json,
            quiet,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(outOption) is { } asked)
                ComparisonFile.RequireForm(asked, parsed.GetRequiredValue(definitions));
            using var progress = terminal.Follow(parsed.GetValue(quiet));
            var table = PipelineComparison.Run(
                parsed.GetRequiredValue(definitions),
                new ComparisonSettings
                {
                    Repeat = parsed.GetValue(repeat),
                    HoldOut = parsed.GetValue(holdOut),
                    Overrides = parsed.GetValue(set) ?? [],
                    ModelsDirectory = parsed.GetValue(output),
                    DatasetsDirectory = parsed.GetValue(data),
                    Resume = parsed.GetValue(resume),
                    Force = parsed.GetValue(force),
                    Scoring = engine.ModelOptions(parsed, terminal),
                    Listener = progress,
                    Cancellation = cancellation,
                }
            );
            if (parsed.GetValue(json))
                terminal.WriteJson(table);
            else
                terminal.WriteMarkdown(ComparisonMarkdown.Of(table));
            if (parsed.GetValue(outOption) is { } path)
            {
                foreach (var file in ComparisonFile.Write(path, table))
                    terminal.Note(file);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
