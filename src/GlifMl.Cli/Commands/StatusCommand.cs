using System.CommandLine;
using System.Text;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>How far submissions are: what is there by its files, what is in the queue by Slurm.</summary>
internal static class StatusCommand
{
    // More numbers of tasks than a line should have.
    private const int MostFailed = 10;

    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("FOLDER")
        {
            Description = "Folders that `submit` made. Default: all in slurm.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = CommonOptions.Json();
        var command = new Command("status", "Say how far submitted jobs are: one table a submission.") { folders, json };
        command.SetAction(parsed =>
        {
            var submissions = Folders(parsed.GetValue(folders) ?? []).Select(Submission.Load).ToArray();
            var said = new HashSet<string>();
            void Note(string note)
            {
                // What is so of one submission is mostly so of all.
                if (said.Add(note))
                    terminal.Note(note);
            }
            StageStatus[][] stages = [.. submissions.Select(submission => Stages(submission, Note))];
            if (parsed.GetValue(json))
                terminal.WriteJson(
                    submissions
                        .Zip(stages)
                        .Select(s => new
                        {
                            name = s.First.Name,
                            folder = s.First.Folder,
                            cancel = s.First.Cancel,
                            stages = s.Second,
                        })
                );
            else
                Print(terminal, submissions, stages);
            return ExitCode.Done;
        });
        return command;
    }

    private static string[] Folders(string[] named)
    {
        if (named.Length > 0)
            return named;
        string[] found = Directory.Exists(Submission.Root)
            ?
            [
                .. Directory
                    .EnumerateDirectories(Submission.Root)
                    .Where(folder => File.Exists(Path.Combine(folder, SubmissionFile.FileName)))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
        return found.Length > 0
            ? found
            : throw new DirectoryNotFoundException(
                $"{Path.GetFullPath(Submission.Root)}: found no submission; "
                    + "expected one, which `glifml submit` writes in the folder it runs in"
            );
    }

    private static StageStatus[] Stages(Submission submission, Action<string> note)
    {
        IReadOnlyList<ClusterTask>? tasks = null;
        try
        {
            tasks = Slurm.Tasks(submission.Name, note);
        }
        catch (InvalidOperationException e)
        {
            note($"the queue is not counted: {e.Message}");
        }

        return [.. submission.Jobs.Select(job => StageStatus.Read(job, submission.Ids.GetValueOrDefault(job.Stage), tasks))];
    }

    private static void Print(Terminal terminal, Submission[] submissions, StageStatus[][] stages)
    {
        var text = new StringBuilder();
        foreach (var (submission, rows) in submissions.Zip(stages))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append($"{submission.Name}\n\n");
            MarkdownTable.Append(
                text,
                [
                    ["stage", "there", "running", "waiting", "failed", "job"],
                    .. rows.Select(row => row.Cells),
                ]
            );
            text.Append('\n');
            foreach (var row in rows.Where(row => row.FailedTasks is { Count: > 0 }))
                text.Append(
                    $"failed: {row.Stage} {string.Join(", ", row.FailedTasks!.Take(MostFailed))}"
                        + $"{(row.FailedTasks!.Count > MostFailed ? ", ..." : "")}: {Path.Combine(submission.Folder, SlurmScript.Logs)}\n"
                );
            text.Append($"`{submission.Cancel}` ends all of them; `glifml submit ... --resume` runs what is missing\n");
        }

        terminal.WriteMarkdown(text.ToString());
    }

    /// <summary>A stage as it is shown.</summary>
    /// <param name="Stage">Its name.</param>
    /// <param name="There">So much is there, by its files.</param>
    /// <param name="Of">Of so much.</param>
    /// <param name="What">Of these.</param>
    /// <param name="Job">The job's id; null: it was not submitted the last time.</param>
    /// <param name="Running">Tasks that run; null: Slurm could not be asked.</param>
    /// <param name="Waiting">Tasks in the queue; null likewise.</param>
    /// <param name="FailedTasks">Tasks that failed or were cancelled; null likewise.</param>
    private sealed record StageStatus(
        string Stage,
        long There,
        long Of,
        string What,
        string? Job,
        int? Running,
        int? Waiting,
        IReadOnlyList<string>? FailedTasks
    )
    {
        internal string[] Cells =>
            [Stage, Invariant.Text($"{There} of {Of} {What}"), Text(Running), Text(Waiting), Text(FailedTasks?.Count), Job ?? "-"];

        public static StageStatus Read(ClusterJob job, string? id, IReadOnlyList<ClusterTask>? tasks)
        {
            var progress = job.Progress();
            var own = tasks?.Where(task => task.Job == id).ToArray();
            return new(
                job.Stage,
                progress.There,
                progress.Of,
                progress.What,
                id,
                Count(ClusterState.Running),
                Count(ClusterState.Waiting),
                own is null ? null : [.. own.Where(task => task.State == ClusterState.Failed).Select(task => task.Task)]
            );

            int? Count(ClusterState state) => own?.Count(task => task.State == state);
        }

        private static string Text(int? count) => count is { } number ? Invariant.Text($"{number}") : "?";
    }
}
