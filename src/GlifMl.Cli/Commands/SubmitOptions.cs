using System.CommandLine;
using System.Text.RegularExpressions;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>The options of <c>submit</c>.</summary>
internal sealed partial class SubmitOptions
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
        new NumberOption<int?>("--array-limit") { Description = "Tasks of an array that run at once. Default: no limit.", HelpName = "N" };

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
            SubmitCommand.Program(),
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
