using System.Text;

namespace GlifMl.Pipelines;

/// <summary>One job of a submission: one stage, as a task or as an array of tasks.</summary>
/// <param name="Stage">Which stage, such as <c>train</c>: a word.</param>
/// <param name="Purpose">What a task of it does, in whole sentences, for whoever reads the script.</param>
/// <param name="Commands">What a task runs, in bash; <c>$task</c> is its number.</param>
/// <param name="Missing">The tasks that still have something to do, ascending, told by the files that are there.</param>
/// <param name="Progress">How much is there of how much, and of what.</param>
internal sealed record ClusterJob(
    string Stage,
    string Purpose,
    IReadOnlyList<string> Commands,
    Func<IReadOnlyList<int>> Missing,
    Func<ClusterProgress> Progress
)
{
    /// <summary>Tasks of the array; null: it is no array, but one task.</summary>
    public int? Tasks { get; init; }

    /// <summary>Processes that share the task through MPI; null: one process that knows of no other.</summary>
    public int? Processes { get; init; }

    /// <summary>Every task, from 0.</summary>
    public IReadOnlyList<int> All => [.. Enumerable.Range(0, Tasks ?? 1)];
}

/// <summary>How much of a stage is there.</summary>
/// <param name="There">So many.</param>
/// <param name="Of">Of so many.</param>
/// <param name="What">Of these, such as <c>shards</c>.</param>
internal sealed record ClusterProgress(long There, long Of, string What)
{
    /// <inheritdoc/>
    public override string ToString() => Invariant.Text($"{There} of {Of} {What}");
}

/// <summary>What each task is given, in the words of <c>sbatch</c>.</summary>
/// <param name="Cpus">Cores of a task.</param>
/// <param name="Memory">Memory of a task, such as <c>4G</c>; null: the cluster's default.</param>
/// <param name="Time">Longest time of a task, such as <c>2:00:00</c>; null: the partition's.</param>
/// <param name="Partition">Where it runs; null: the cluster's default.</param>
/// <param name="ArrayLimit">Tasks of an array that run at once; null: as many as there is room for.</param>
internal sealed record ClusterResources(int Cpus, string? Memory, string? Time, string? Partition, int? ArrayLimit);

/// <summary>How the stages of a definition are carried out.</summary>
/// <param name="Tasks">Tasks of an array, at most.</param>
/// <param name="Processes">Processes that train together; null: one.</param>
/// <param name="Resume">Whether a training goes on from a checkpoint that is there.</param>
internal sealed record StagePlan(int Tasks, int? Processes, bool Resume);

/// <summary>The jobs of a submission, from the definitions it carries out.</summary>
internal static class ClusterJobs
{
    /// <summary>The file of a single definition, in the submission's folder.</summary>
    public const string SingleFile = "pipeline.yaml";

    /// <summary>The stages of one definition.</summary>
    /// <param name="run">The run.</param>
    /// <param name="plan">How.</param>
    public static IReadOnlyList<ClusterJob> Of(RunFiles run, StagePlan plan)
    {
        var parts = (int)Math.Min(plan.Tasks, run.MostShards);
        var scored = Math.Min(plan.Tasks, run.MostEvaluated);
        var resume = plan.Resume || run.Members is not null ? "--resume" : "${SLURM_RESTART_COUNT:+--resume}";
        var definition = $"\"$folder/{SingleFile}\"";
        return
        [
            new(
                "generate",
                $"Makes shards: task I makes shards I, I + {parts}, I + {2 * parts}, ... of each split. Those that are there are kept, and "
                    + "what a shard holds depends on the definition alone: a task may be killed, run twice, or on two nodes at once.",
                [$"glifml generate {definition} --shard \"$task/{parts}\" --quiet"],
                () => run.PartsMissing(parts),
                () => run.Shards
            )
            {
                Tasks = parts,
            },
            new(
                "assemble",
                "Looks whether all shards are there, and writes each split's manifest.",
                [$"glifml generate {definition} --assemble --quiet"],
                () => One(run.Manifests.There == run.Manifests.Of),
                () => run.Manifests
            ),
            .. Members(run, definition, plan.Resume ? "--resume" : "${SLURM_RESTART_COUNT:+--resume}"),
            new(
                "train",
                "Trains and exports the model. A task that starts again goes on from the checkpoint of the one before it.",
                [$"glifml train {definition} {resume} --quiet{(plan.Processes is null ? "" : " --mpi")}"],
                () => One(run.HasModel),
                () => Progress(run.HasModel, "models")
            )
            {
                Processes = plan.Processes,
            },
            new(
                "score",
                $"Scores shards of validation and test: task I scores shards I, I + {scored}, ... of both. Those that are scored are kept.",
                [$"glifml evaluate {definition} --shard \"$task/{scored}\" --quiet"],
                () => run.PartsNotScored(scored),
                () => run.Scored
            )
            {
                Tasks = scored,
            },
            new(
                "evaluate",
                "Writes metrics.json, from what was scored.",
                [$"glifml evaluate {definition} --quiet"],
                () => One(run.HasMetrics),
                () => Progress(run.HasMetrics, "figures")
            ),
            new(
                "report",
                "Writes the figures and report.html.",
                [$"glifml report {Bash.Quote(run.Folder)}"],
                () => One(run.HasReport),
                () => Progress(run.HasReport, "reports")
            ),
        ];
    }

    /// <summary>
    /// The networks of an ensemble, each a task; the training after them goes on from their checkpoints, and has nothing to train.
    /// </summary>
    private static IEnumerable<ClusterJob> Members(RunFiles run, string definition, string resume)
    {
        if (run.Members is not { } members)
            yield break;
        yield return new(
            "members",
            "Trains the networks of the ensemble, each a task. One that starts again goes on from its checkpoint.",
            [$"glifml train {definition} --member \"$task\" {resume} --quiet"],
            () => run.MembersMissing,
            () => new(members - run.MembersMissing.Count, members, "networks")
        )
        {
            Tasks = members,
        };
    }

    /// <summary>Many runs, and what they are laid side by side by.</summary>
    /// <param name="runs">The runs, in order.</param>
    /// <param name="tasks">Tasks of an array, at most.</param>
    /// <param name="finish">The words of the command that takes all runs over and writes the table.</param>
    public static IReadOnlyList<ClusterJob> Of(IReadOnlyList<RunFiles> runs, int tasks, IReadOnlyList<string> finish)
    {
        var parts = Math.Min(tasks, runs.Count);
        var jobs = new List<ClusterJob>();
        // Where several runs share a dataset they would all begin with making it.
        if (runs.DistinctBy(run => run.DataHash).Count() < runs.Count)
            jobs.Add(Shared(runs, tasks));
        jobs.Add(
            new(
                "run",
                parts == runs.Count
                    ? "Carries out one run: definition I of the folder runs. A task that starts again goes on from the checkpoint."
                    : $"Carries out runs I, I + {parts}, ... of the folder runs. A task that starts again goes on from the checkpoint.",
                [
                    $"for ((i = task; i < {runs.Count}; i += {parts})); do",
                    "    glifml run \"$folder\"/runs/\"$i\"-*.yaml --resume --quiet || failed $?",
                    "done",
                ],
                () => [.. runs.Index().Where(run => !run.Item.HasMetrics).Select(run => run.Index % parts).Distinct().Order()],
                () => new(runs.Count(run => run.HasMetrics), runs.Count, "runs")
            )
            {
                Tasks = parts,
            }
        );
        jobs.Add(
            new(
                "table",
                "Takes all runs over, and lays them side by side.",
                [$"glifml {string.Join(' ', finish.Select(Bash.Quote))}"],
                // Whether the table is of these runs, no file says; it is quickly made.
                () => [0],
                () => new(runs.Count(run => run.HasMetrics), runs.Count, "runs")
            )
        );
        return jobs;
    }

    /// <summary>
    /// The shards of all runs' datasets, in pieces: a task that went through every dataset for the shards that are its own would mostly
    /// start the program to find that there are none.
    /// </summary>
    private static ClusterJob Shared(IReadOnlyList<RunFiles> runs, int tasks)
    {
        var datasets = runs.Index()
            .DistinctBy(run => run.Item.DataHash)
            .Select(run => (run.Index, Run: run.Item, Parts: (int)Math.Min(tasks, run.Item.MostShards)))
            .ToArray();
        var parts = Math.Min(tasks, datasets.Sum(dataset => dataset.Parts));
        return new(
            "generate",
            "Makes the shards that several runs share. Each dataset is so many pieces as the number behind its run's says, and piece K of "
                + "N is shards K, K + N, ... of each split; of all pieces, one behind the other, "
                + $"task I makes I, I + {parts}, I + {2 * parts}, "
                + "... Shards that are there are kept.",
            [
                "piece=0",
                $"for dataset in {string.Join(' ', datasets.Select(d => Invariant.Text($"{d.Index}:{d.Parts}")))}; do",
                "    parts=${dataset#*:}",
                "    for ((part = 0; part < parts; part++)); do",
                $"        ((piece++ % {parts} == task)) || continue",
                "        glifml generate \"$folder\"/runs/\"${dataset%:*}\"-*.yaml --shard \"$part/$parts\" --quiet || failed $?",
                "    done",
                "done",
            ],
            Missing,
            () => new(datasets.Sum(dataset => dataset.Run.Shards.There), datasets.Sum(dataset => dataset.Run.Shards.Of), "shards")
        )
        {
            Tasks = parts,
        };

        IReadOnlyList<int> Missing()
        {
            var (before, missing) = (0, new SortedSet<int>());
            foreach (var dataset in datasets)
            {
                missing.UnionWith(dataset.Run.PartsMissing(dataset.Parts).Select(part => (before + part) % parts));
                before += dataset.Parts;
            }

            return [.. missing];
        }
    }

    private static IReadOnlyList<int> One(bool isThere) => isThere ? [] : [0];

    private static ClusterProgress Progress(bool isThere, string what) => new(isThere ? 1 : 0, 1, what);
}

/// <summary>Words as bash reads them.</summary>
internal static class Bash
{
    private const string Plain = "/._-=:,+@%";

    /// <summary>One word, in quotation marks where it needs them.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal))
            ? word
            : new StringBuilder("'").Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'').ToString();
}
