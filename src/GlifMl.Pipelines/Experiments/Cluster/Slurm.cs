using System.ComponentModel;
using System.Diagnostics;

namespace GlifMl.Pipelines;

/// <summary>Slurm's own programs, by their names, as a person would run them.</summary>
internal static class Slurm
{
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
        try
        {
            // Jobs that have ended leave the queue after some minutes; accounting, where there is any, keeps them.
            var past = Run(
                "sacct",
                ["--noheader", "--parsable2", "--allocations", "--starttime=now-30days", $"--name={name}", "--format=JobID,State"]
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

        foreach (var words in Queue(name, "all"))
            Add(new(words[0], words[1] == "N/A" ? "" : words[1], StateOf(words[2])));
        return [.. tasks.Values];

        void Add(ClusterTask task) => tasks[(task.Job, task.Task)] = task;
    }

    /// <summary>How many tasks of a name have not ended.</summary>
    public static int Unfinished(string name) => Queue(name, "PENDING,RUNNING,SUSPENDED,CONFIGURING,COMPLETING").Count();

    private static IEnumerable<string[]> Queue(string name, string states) =>
        Lines(Run("squeue", ["--noheader", "--array", $"--states={states}", $"--name={name}", "--format=%F|%K|%T"]))
            .Where(words => words.Length == 3);

    private static IEnumerable<string[]> Lines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split('|'));

    // "CANCELLED by 1000"
    private static ClusterState StateOf(string word) =>
        word.Split(' ')[0] is var state && Waiting.Contains(state) ? ClusterState.Waiting
        : Running.Contains(state) ? ClusterState.Running
        : state == "COMPLETED" ? ClusterState.Done
        : ClusterState.Failed;

    private static string Run(string program, IReadOnlyList<string> arguments, string? otherwise = null)
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
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException(
                    $"{program}: {Quoted.Text((error.Result + output).Trim().Split('\n')[0], most: 200)} (exit code {process.ExitCode})"
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
