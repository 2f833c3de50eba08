using System.CommandLine;
using System.Text;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Definitions as jobs of a cluster, with the bytes of one machine.</summary>
internal static class SubmitCommand
{
    internal const string Engine = "slurm";

    public static Command Create(Terminal terminal)
    {
        var options = new SubmitOptions();
        var command = new Command(
            "submit",
            "Run a definition, a list of runs, a comparison or a sweep as jobs of a cluster, with the same bytes as on one machine."
        )
        {
            options.Definitions,
            options.Engine,
            options.Tasks,
            options.Ranks,
            options.Cpus,
            options.Memory,
            options.Time,
            options.Partition,
            options.ArrayLimit,
            options.Scripts,
            options.DryRun,
            options.Resume,
            options.Repeat,
            options.HoldOut,
            options.Out,
            options.Set,
            options.Output,
            options.Data,
            options.Json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(options.Engine) is var engine && engine != Engine)
                throw new ArgumentException($"--engine: found {Quoted.Of(engine)}; expected {Engine}");
            var submission = Prepare(options, parsed);
            var isSubmitted = !parsed.GetValue(options.DryRun) && submission.Submitted.Count > 0;
            if (isSubmitted)
                submission = submission.Submit();
            if (parsed.GetValue(options.Json))
                terminal.WriteJson(
                    new
                    {
                        name = submission.Name,
                        folder = submission.Folder,
                        cancel = submission.Cancel,
                        jobs = submission.Submitted.Select(job => new
                        {
                            stage = job.Job.Stage,
                            id = submission.Ids.GetValueOrDefault(job.Job.Stage),
                            tasks = job.Job.Tasks is null ? null : job.Tasks,
                        }),
                    }
                );
            else
                Print(terminal, submission, isSubmitted);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The words that start this program, on a node that sees the same files.</summary>
    internal static IReadOnlyList<string> Program()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "glifml.dll");
        var process = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(process) == "glifml" ? [process]
            : Path.GetFileNameWithoutExtension(process) == "dotnet" ? [process, library]
            : ["dotnet", library];
    }

    private static Submission Prepare(SubmitOptions options, ParseResult parsed)
    {
        var settings = options.SettingsOf(parsed);
        var (paths, overrides) = (parsed.GetRequiredValue(options.Definitions), parsed.GetValue(options.Set) ?? []);
        var (output, data) = (parsed.GetValue(options.Output), parsed.GetValue(options.Data));
        var (repeat, holdOut) = (parsed.GetValue(options.Repeat), parsed.GetValue(options.HoldOut));
        var isSweep =
            paths.Length == 1
            && !RunList.IsRunList(paths[0])
            && SweepPoint.First(DefinitionTree.Read(paths[0], overrides).Root) is not null;
        var isSingle = paths.Length == 1 && repeat == 1 && !holdOut && !RunList.IsRunList(paths[0]) && !isSweep;
        if (settings.Processes is { } ranks && !isSingle)
            throw new ArgumentException($"--ranks: found {ranks} for many runs, which are trained at once anyway; expected one definition");
        if (paths.FirstOrDefault(RunList.IsRunList) is { } list)
        {
            if (paths.Length > 1 || repeat > 1 || holdOut)
                throw new ArgumentException($"{list}: found a list of runs beside other things to run; expected it alone");
            var runs = RunList.Load(list, overrides, new PipelineSettings { ModelDirectory = output, DataDirectory = data });
            string[] words = ["run", list, .. Words("--set", overrides), .. Words("--output", output), .. Words("--data", data)];
            return Submission.Of(runs.Plan, runs.Definition.Name, _ => [.. words, "--resume", "--quiet"], settings);
        }

        if (isSweep)
        {
            var sweep = PipelineSweep.Load(paths[0], overrides, new PipelineSettings { ModelDirectory = output, DataDirectory = data });
            string[] words = ["sweep", paths[0], .. Words("--set", overrides), .. Words("--output", output), .. Words("--data", data)];
            return Submission.Of(sweep.FirstRound, sweep.Name, _ => [.. words, "--resume", "--quiet"], settings);
        }

        if (isSingle)
        {
            var definition = Pipeline.Load(paths[0], overrides);
            return Submission.Of(
                new Pipeline(definition, new PipelineSettings { ModelDirectory = output, DataDirectory = data }),
                settings
            );
        }

        var comparison = new ComparisonSettings
        {
            Repeat = repeat,
            HoldOut = holdOut,
            Overrides = overrides,
            ModelsDirectory = output,
            DatasetsDirectory = data,
        };
        string[] compared = ["compare", .. paths, "--repeat", Invariant.Text($"{repeat}"), .. holdOut ? (string[])["--hold-out"] : []];
        return Submission.Of(
            PipelineComparison.Plan(paths, comparison),
            "comparison",
            folder =>
                [
                    .. compared,
                    .. Words("--set", overrides),
                    .. Words("--output", output),
                    .. Words("--data", data),
                    .. Words("--out", parsed.GetValue(options.Out) ?? Path.Combine(folder, "comparison")),
                    "--resume",
                    "--quiet",
                ],
            settings
        );
    }

    private static IEnumerable<string> Words(string option, params IEnumerable<string?> values) =>
        values.OfType<string>().SelectMany(value => (string[])[option, value]);

    private static void Print(Terminal terminal, Submission submission, bool isSubmitted)
    {
        var text = new StringBuilder();
        if (submission.Submitted.Count > 0)
            MarkdownTable.Append(
                text,
                [
                    ["stage", "job", "tasks", "script"],
                    .. submission.Submitted.Select(job =>
                        (string[])
                            [
                                job.Job.Stage,
                                submission.Ids.GetValueOrDefault(job.Job.Stage, "-"),
                                Invariant.Text($"{job.Tasks.Count}"),
                                job.File,
                            ]
                    ),
                ]
            );
        text.Append(
            submission.Submitted.Count == 0 ? "nothing is missing\n"
            : isSubmitted ? $"submitted; `glifml status` says how far they are, `{submission.Cancel}` ends all of them\n"
            : $"written, not submitted: `bash {Path.Combine(submission.Folder, SlurmScript.SubmitFile)}` submits them\n"
        );
        text.Append($"scripts and logs: {submission.Folder}\n");
        terminal.WriteMarkdown(text.ToString());
    }
}
