using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace GlifMl.Pipelines;

/// <summary>Slurm's own programs, by their names, as a person would run them.</summary>
internal static class Slurm
{
    // A controller that is there answers within a second or two, a busy one within some.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Programs that did not answer this process.
    private static readonly ConcurrentDictionary<string, bool> Silent = new(StringComparer.Ordinal);

    private static readonly string[] Waiting = ["PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "SUSPENDED"];
    private static readonly string[] Running = ["RUNNING", "COMPLETING", "CONFIGURING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED"];

    /// <summary>Runs a submission's script.</summary>
    /// <param name="script">The script.</param>
    /// <returns>The id of each job, by its stage.</returns>
    /// <exception cref="InvalidOperationException">There is no Slurm, or it refuses; then no job is left in the queue.</exception>
    public static IReadOnlyDictionary<string, string> Submit(string script)
    {
        // Before the script does: its own message names a line in it.
        Run("sbatch", ["--version"], "--dry-run only writes the scripts");
        return Run("bash", [script])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => words[1]);
    }

    /// <summary>The tasks of all jobs of a name that Slurm still knows.</summary>
    /// <param name="name">The jobs' name.</param>
    /// <param name="note">Told what could not be asked.</param>
    /// <exception cref="InvalidOperationException">There is no Slurm, or it does not answer.</exception>
    public static IReadOnlyList<ClusterTask> Tasks(string name, Action<string> note)
    {
        var tasks = new Dictionary<(string, string), ClusterTask>();
        foreach (var words in Queue(name, "all"))
            Add(new(words[0], words[1] == "N/A" ? "" : words[1], StateOf(words[2])));
        try
        {
            // Jobs that have ended leave the queue after some minutes; accounting, where there is any, keeps them.
            var past = Ask(
                "sacct",
                ["--noheader", "--parsable2", "--allocations", "--starttime=now-30days", $"--name={name}", "--format=JobID,State"],
                Patience
            );
            foreach (var words in Lines(past).Where(words => words.Length == 2))
            {
                var id = words[0].Split('_');
                Add(new(id[0], id.Length > 1 ? id[1] : "", StateOf(words[1])));
            }
        }
        catch (InvalidOperationException e)
        {
            note($"jobs that left the queue are not counted: {e.Message}");
        }

        return [.. tasks.Values];

        // What the queue says of a task is newer.
        void Add(ClusterTask task) => tasks.TryAdd((task.Job, task.Task), task);
    }

    /// <summary>How many tasks of a name have not ended.</summary>
    public static int Unfinished(string name) => Queue(name, "PENDING,RUNNING,SUSPENDED,CONFIGURING,COMPLETING").Count();

    private static IEnumerable<string[]> Queue(string name, string states) =>
        Lines(Ask("squeue", ["--noheader", "--array", $"--states={states}", $"--name={name}", "--format=%F|%K|%T"], Patience))
            .Where(words => words.Length == 3);

    private static IEnumerable<string[]> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split('|'));

    // "CANCELLED by 1000"
    private static ClusterState StateOf(string word) =>
        word.Split(' ')[0] is var state && Waiting.Contains(state) ? ClusterState.Waiting
        : Running.Contains(state) ? ClusterState.Running
        : state == "COMPLETED" ? ClusterState.Done
        : ClusterState.Failed;

    /// <summary>Runs a program that asks the cluster: where no cluster answers, it would go on asking for minutes.</summary>
    /// <exception cref="InvalidOperationException">There is no such program, it fails, or it says nothing in time.</exception>
    internal static string Ask(string program, IReadOnlyList<string> arguments, TimeSpan patience)
    {
        if (Silent.ContainsKey(program))
            throw NoAnswer(program, patience);
        return Run(program, arguments, patience: patience);
    }

    private static string Run(string program, IReadOnlyList<string> arguments, string? otherwise = null, TimeSpan? patience = null)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (patience is { } limit && !process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                // Once is enough: whoever has ten submissions waits no ten times.
                Silent.TryAdd(program, true);
                throw NoAnswer(program, limit);
            }

            process.WaitForExit();
            return process.ExitCode == 0
                ? output.GetAwaiter().GetResult()
                : throw new InvalidOperationException(
                    $"{program}: {Quoted.Text((error.Result + output.Result).Trim().Split('\n')[0], most: 200)} "
                        + $"(exit code {process.ExitCode})"
                );
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"found no {program} on the PATH; expected Slurm's{(otherwise is null ? "" : $" ({otherwise})")}",
                e
            );
        }
    }

    private static InvalidOperationException NoAnswer(string program, TimeSpan patience) =>
        new(Invariant.Text($"{program}: found no answer within {patience.TotalSeconds:G3} s; expected that of a cluster"));
}

/// <summary>A task of a job, as Slurm knows it.</summary>
/// <param name="Job">The job's id.</param>
/// <param name="Task">Its number in the array; empty of a job that is no array.</param>
/// <param name="State">What it is doing.</param>
internal sealed record ClusterTask(string Job, string Task, ClusterState State);

/// <summary>What becomes of a task.</summary>
internal enum ClusterState
{
    /// <summary>It is in the queue.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Done,

    /// <summary>It failed, ran out of time or memory, or was cancelled.</summary>
    Failed,
}
