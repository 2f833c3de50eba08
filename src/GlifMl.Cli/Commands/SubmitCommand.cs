using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>Definitions as jobs of a cluster, with the bytes of one machine.</summary>
internal static partial class SubmitCommand
{
    private const string Engine = "slurm";

    public static Command Create(Terminal terminal)
    {
        var options = new SubmitOptions();
        var command = new Command(
            "submit",
            "Run a definition, a list of runs or a comparison as jobs of a cluster, with the same bytes as on one machine."
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
        var isSingle = paths.Length == 1 && repeat == 1 && !holdOut && !RunList.IsRunList(paths[0]);
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

    /// <summary>The options of the command.</summary>
    private sealed partial class SubmitOptions
    {
        public Argument<string[]> Definitions { get; } =
            new("PIPELINE.yaml")
            {
                Description = "The pipeline definition, or a list of runs; or definitions to compare.",
                Arity = ArgumentArity.OneOrMore,
            };

        public Option<string> Engine { get; } =
            new("--engine")
            {
                Description = "The cluster's scheduler: slurm.",
                HelpName = SubmitCommand.Engine,
                DefaultValueFactory = _ => SubmitCommand.Engine,
            };

        public Option<int?> Tasks { get; } =
            new NumberOption<int?>("--tasks")
            {
                Description = "Tasks of an array, at most. Default: one a shard, or one a run.",
                HelpName = "N",
            };

        public Option<int?> Ranks { get; } =
            new NumberOption<int?>("--ranks")
            {
                Description = "Processes that train a definition together, by MPI. Default: one.",
                HelpName = "N",
            };

        public Option<int> Cpus { get; } =
            new NumberOption<int>("--cpus")
            {
                Description = "Cores of each task.",
                HelpName = "N",
                DefaultValueFactory = _ => 1,
            };

        public Option<string?> Memory { get; } =
            new("--mem") { Description = "Memory of each task, such as 4G. Default: the cluster's.", HelpName = "SIZE" };

        public Option<string?> Time { get; } =
            new("--time")
            {
                Description = "Longest time of a task, such as 2:00:00: one that needs longer queues up again. Default: the partition's.",
                HelpName = "TIME",
            };

        public Option<string?> Partition { get; } =
            new("--partition") { Description = "Where the tasks run. Default: the cluster's.", HelpName = "NAME" };

        public Option<int?> ArrayLimit { get; } =
            new NumberOption<int?>("--array-limit")
            {
                Description = "Tasks of an array that run at once. Default: no limit.",
                HelpName = "N",
            };

        public Option<string?> Scripts { get; } =
            new("--scripts") { Description = "The folder of the scripts and logs. Default: one in slurm, by name.", HelpName = "DIR" };

        public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Write the scripts, and submit nothing." };

        public Option<bool> Resume { get; } =
            new("--resume") { Description = "Submit only what is missing; trainings go on from their checkpoints." };

        public Option<int> Repeat { get; } =
            new NumberOption<int>("--repeat")
            {
                Description = "Compare each definition over its own seed and the N - 1 that follow.",
                HelpName = "N",
                DefaultValueFactory = _ => 1,
            };

        public Option<bool> HoldOut { get; } =
            new("--hold-out") { Description = "Compare definitions also without whole cells of C, El and R_input, as `compare` does." };

        public Option<string?> Out { get; } =
            new("--out")
            {
                Description = "Where a comparison's table goes, as `compare` takes it. Default: the folder of the scripts.",
                HelpName = "DIR|FILE",
            };

        public Option<string[]> Set { get; } = CommonOptions.Set();

        public Option<string?> Output { get; } =
            CommonOptions.Output("The model's folder, or that of the models of a list or a comparison. Default: as `run` and `compare`.");

        public Option<string?> Data { get; } = CommonOptions.Data();

        public Option<bool> Json { get; } = CommonOptions.Json();

        public SubmissionSettings SettingsOf(ParseResult parsed) =>
            new(
                AtLeastOne(Tasks.Name, parsed.GetValue(Tasks)),
                AtLeastOne(Ranks.Name, parsed.GetValue(Ranks)),
                new ClusterResources(
                    AtLeastOne(Cpus.Name, parsed.GetValue(Cpus))!.Value,
                    Formed(Memory.Name, parsed.GetValue(Memory), MemoryForm, "a size such as 4G"),
                    Formed(Time.Name, parsed.GetValue(Time), TimeForm, "a time such as 90 (minutes), 2:00:00 or 1-12:00:00"),
                    Formed(Partition.Name, parsed.GetValue(Partition), PartitionForm, "a partition's name"),
                    AtLeastOne(ArrayLimit.Name, parsed.GetValue(ArrayLimit))
                ),
                parsed.GetValue(Resume),
                Program(),
                parsed.GetValue(Scripts)
            );

        private static int? AtLeastOne(string option, int? value) =>
            value is < 1 ? throw new ArgumentException(Invariant.Text($"{option}: found {value}; expected at least 1")) : value;

        private static string? Formed(string option, string? value, Regex form, string expected) =>
            value is null || form.IsMatch(value)
                ? value
                : throw new ArgumentException($"{option}: found {Quoted.Of(value)}; expected {expected}");

        [GeneratedRegex(@"^\d+[KMGT]?\z")]
        private static partial Regex MemoryForm { get; }

        [GeneratedRegex(@"^\d+(-\d+)?(:\d+){0,2}\z")]
        private static partial Regex TimeForm { get; }

        [GeneratedRegex(@"^[\w.,-]+\z")]
        private static partial Regex PartitionForm { get; }
    }
}
