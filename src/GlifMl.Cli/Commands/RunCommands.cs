using System.CommandLine;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Reporting;

namespace GlifMl.Cli;

/// <summary>The commands that carry out a definition: all of it, or one stage.</summary>
internal static class RunCommands
{
    public static Command Run(Terminal terminal, CancellationToken cancellation) =>
        Create(
            "run",
            "Generate what is missing, train, export to ONNX, evaluate and report; or do so for each run of a list.",
            terminal,
            cancellation,
            ModelFolder,
            resumes: true,
            (pipeline, options, parsed) =>
            {
                var metrics = pipeline.Run(model => Report(pipeline, model));
                options.Print(parsed, terminal, metrics, () => terminal.WriteMarkdown(MetricsTable.Of(metrics, pipeline.Model)));
            }
        );

    public static Command Evaluate(Terminal terminal, CancellationToken cancellation)
    {
        var shard = new Option<string?>("--shard")
        {
            Description = "Only score shards I, I+N, I+2N, ... of both splits, for an evaluation that takes them over; I from 0.",
            HelpName = "I/N",
        };
        var command = Create(
            "evaluate",
            "Score the exported model on the validation and test shards, and write metrics.json.",
            terminal,
            cancellation,
            ModelFolder,
            resumes: false,
            (pipeline, options, parsed) =>
            {
                if (parsed.GetValue(shard) is { } part)
                {
                    var (scored, kept) = pipeline.EvaluatePart(PartOf(part));
                    options.Print(
                        parsed,
                        terminal,
                        new { scored, kept },
                        () => terminal.Writer.WriteLine($"{pipeline.Model.Path}: {scored} shards scored, {kept} kept")
                    );
                    return;
                }

                var metrics = pipeline.Evaluate();
                options.Print(parsed, terminal, metrics, () => terminal.WriteMarkdown(MetricsTable.Of(metrics, pipeline.Model)));
            }
        );
        command.Add(shard);
        return command;
    }

    public static Command Generate(Terminal terminal, CancellationToken cancellation)
    {
        var shard = new Option<string?>("--shard")
        {
            Description = "Make only shards I, I+N, I+2N, ... of each split; I from 0.",
            HelpName = "I/N",
        };
        var assemble = new Option<bool>("--assemble")
        {
            Description = "Make no shards: look whether all are there, and write the manifests.",
        };
        var command = Create(
            "generate",
            "Write the shards of a definition. Shards that are there and valid are kept.",
            terminal,
            cancellation,
            DataFolder,
            resumes: true,
            (pipeline, options, parsed) =>
            {
                if (parsed.GetValue(assemble))
                {
                    Assemble(pipeline, options, parsed, terminal);
                    return;
                }

                var selection = parsed.GetValue(shard) is { } text ? PartOf(text) : null;
                var results = pipeline.Generate(selection);
                options.Print(
                    parsed,
                    terminal,
                    new
                    {
                        data = pipeline.DataDirectory,
                        hash = pipeline.DataHash,
                        splits = results,
                    },
                    () =>
                    {
                        foreach (var (split, result) in results)
                            terminal.Writer.WriteLine(
                                $"{Path.Combine(pipeline.DataDirectory, split)}: {result.Made} shards written, {result.Kept} kept"
                            );
                    }
                );
            }
        );
        command.Add(shard);
        command.Add(assemble);
        return command;
    }

    private static void Assemble(Pipeline pipeline, RunOptions options, ParseResult parsed, Terminal terminal)
    {
        var shards = pipeline.Assemble();
        options.Print(
            parsed,
            terminal,
            new
            {
                data = pipeline.DataDirectory,
                hash = pipeline.DataHash,
                shards,
            },
            () =>
            {
                foreach (var (split, count) in shards)
                    terminal.Writer.WriteLine($"{Path.Combine(pipeline.DataDirectory, split)}: {count} shards, all there");
            }
        );
    }

    private static void Report(Pipeline pipeline, ModelDirectory model)
    {
        pipeline.Settings.Listener?.StageStarted("report");
        ReportBuilder.Build(model, pipeline.Catalog, pipeline.Settings.Cancellation);
        // Where it will be: it may be made beside a model that still stands.
        pipeline.Settings.Listener?.StageEnded(pipeline.Model.ReportPage);
    }

    private static ShardSelection PartOf(string text)
    {
        try
        {
            return ShardSelection.Parse(text);
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"--shard: {e.Message}", e);
        }
    }

    internal static PipelineSettings ModelFolder(PipelineSettings settings, string? folder) => settings with { ModelDirectory = folder };

    private static PipelineSettings DataFolder(PipelineSettings settings, string? folder) =>
        folder is null ? settings : settings with { DataDirectory = folder };

    internal static Command Create(
        string name,
        string description,
        Terminal terminal,
        CancellationToken cancellation,
        Func<PipelineSettings, string?, PipelineSettings> placeOutput,
        bool resumes,
        Action<Pipeline, RunOptions, ParseResult> action
    )
    {
        var options = new RunOptions(
            name == "generate" ? "The folder of the shards." : "The model's folder. Default: the definition's, or models/ and its name."
        );
        var command = new Command(name, description)
        {
            options.Definition,
            options.Set,
            options.Output,
            options.Data,
            options.Json,
            options.Quiet,
        };
        if (resumes)
            command.Add(options.Resume);
        if (name != "generate")
            command.Add(options.Force);
        if (name is "run" or "evaluate")
            command.Add(options.Engine);
        if (name == "train")
            command.Add(options.Mpi);
        command.SetAction(parsed =>
        {
            var settings = new PipelineSettings
            {
                DataDirectory = parsed.GetValue(options.Data),
                Resume = resumes && parsed.GetValue(options.Resume),
                Force = name != "generate" && parsed.GetValue(options.Force),
                Scoring = name is "run" or "evaluate" ? options.Engine.ModelOptions(parsed, terminal) : new PipelineSettings().Scoring,
                Cancellation = cancellation,
            };
            if (name == "train" && parsed.GetValue(options.Mpi))
                settings = settings.WithPeers();
            using var progress = terminal.Follow(parsed.GetValue(options.Quiet) || !settings.IsFirst);
            settings = settings with { Listener = progress };
            var path = parsed.GetRequiredValue(options.Definition);
            if (name == "run" && RunList.IsRunList(path))
                return RunListCommand.Run(
                    path,
                    parsed.GetValue(options.Set),
                    placeOutput(settings, parsed.GetValue(options.Output)),
                    parsed.GetValue(options.Json),
                    terminal
                );
            var definition = Pipeline.Load(path, parsed.GetValue(options.Set));
            action(new Pipeline(definition, placeOutput(settings, parsed.GetValue(options.Output))), options, parsed);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The options of one of these commands.</summary>
    internal sealed class RunOptions(string outputDescription)
    {
        public Argument<string> Definition { get; } = CommonOptions.Definition();

        public Option<string[]> Set { get; } = CommonOptions.Set();

        public Option<string?> Output { get; } = CommonOptions.Output(outputDescription);

        public Option<string?> Data { get; } = CommonOptions.Data();

        public Option<bool> Resume { get; } = CommonOptions.Resume();

        public Option<bool> Force { get; } = CommonOptions.Force();

        public EngineOption Engine { get; } = new(OnnxEngine.Steady);

        public Option<bool> Mpi { get; } =
            new("--mpi") { Description = "Share every batch with the other processes that mpirun or srun --mpi=pmix started." };

        public Option<bool> Json { get; } = CommonOptions.Json();

        public Option<bool> Quiet { get; } = CommonOptions.Quiet();

        public void Print(ParseResult parsed, Terminal terminal, object json, Action text)
        {
            if (parsed.GetValue(Json))
                terminal.WriteJson(json);
            else
                text();
        }
    }
}

/// <summary>What <c>run</c> does with a list of runs.</summary>
internal static class RunListCommand
{
    public static int Run(string path, IReadOnlyList<string>? overrides, PipelineSettings settings, bool json, Terminal terminal)
    {
        var list = RunList.Load(path, overrides, settings);
        terminal.Note(list.Announcement);
        var runs = list.Run();
        var (page, table) = RunListReport.Write(list, runs);
        if (json)
        {
            terminal.WriteJson(runs);
            return ExitCode.Done;
        }

        terminal.WriteMarkdown(RunListMarkdown.Of(runs));
        terminal.Writer.WriteLine($"\nreport: {page}\ntable: {table}");
        return ExitCode.Done;
    }
}
