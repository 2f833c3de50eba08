using System.Text;

namespace GlifMl.Pipelines;

/// <summary>The scripts of a submission: for <c>sbatch</c>, and for people to read and to run by hand.</summary>
/// <param name="Name">The name that all its jobs have.</param>
/// <param name="Folder">Where the scripts are, full.</param>
/// <param name="WorkingFolder">Where the program runs, full.</param>
/// <param name="Program">The words that start the program.</param>
/// <param name="Resources">What a task is given.</param>
internal sealed record SlurmScript(
    string Name,
    string Folder,
    string WorkingFolder,
    IReadOnlyList<string> Program,
    ClusterResources Resources
)
{
    /// <summary>The file that submits all others.</summary>
    public const string SubmitFile = "submit.sh";

    /// <summary>The folder of what the tasks say.</summary>
    public const string Logs = "logs";

    // A step of training takes well under a second, and a checkpoint no longer.
    private const int SecondsBeforeTheEnd = 120;

    /// <summary>Ends all jobs of a name.</summary>
    public static string CancelOf(string name) => $"scancel --name={name}";

    /// <summary>The file of a job.</summary>
    /// <param name="index">Its place among the jobs, from 0.</param>
    /// <param name="job">The job.</param>
    public static string FileOf(int index, ClusterJob job) => Invariant.Text($"{index + 1}-{job.Stage}.sh");

    /// <summary>The script of a job.</summary>
    /// <param name="file">Its file's name.</param>
    /// <param name="job">The job.</param>
    /// <param name="tasks">The tasks to be done.</param>
    public string Of(string file, ClusterJob job, IReadOnlyList<int> tasks)
    {
        // srun hands USR1 on, but answers TERM by killing its processes.
        var (launcher, stop) = job.Processes is null
            ? ("", "kill -TERM \"$child\" 2>/dev/null")
            : ("srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=\"$SLURM_CPUS_PER_TASK\" ", "scancel --signal=TERM \"$SLURM_JOB_ID\"");
        var text = new StringBuilder("#!/bin/bash\n");
        foreach (var option in Options(job, tasks))
            text.Append("#SBATCH --").Append(option).Append('\n');
        foreach (var line in Wrap(job.Purpose).Append($"By hand: {(job.Tasks is null ? "" : "SLURM_ARRAY_TASK_ID=0 ")}bash {file}"))
            text.Append("# ").Append(line).Append('\n');
        text.Append(
            $$"""

            program=({{launcher}}{{string.Join(' ', Program.Select(Bash.Quote))}})
            folder={{Bash.Quote(Folder)}}
            task=${SLURM_ARRAY_TASK_ID:-0}
            cd {{Bash.Quote(WorkingFolder)}} || exit 1
            # As many threads as the task has cores.
            if [ -n "${SLURM_CPUS_PER_TASK:-}" ]; then
                export DOTNET_PROCESSOR_COUNT=$SLURM_CPUS_PER_TASK OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK
            fi

            # Shortly before the time is up Slurm sends USR1 to this shell alone: the program stops at its next step and keeps
            # what it has, and the task queues up again to go on from there. When Slurm takes a node away, or the job is
            # cancelled, it sends TERM to the program too, which the shell only waits for.
            again=
            trap 'again=yes; {{stop}}' USR1
            trap '{{stop}}' INT
            trap : TERM
            run() {
                "${program[@]}" "$@" &
                child=$!
                # A signal ends a wait early.
                while kill -0 "$child" 2>/dev/null; do wait "$child"; done
                wait "$child"
            }
            # A network file system may show late what another node has written, and name late what it has renamed: a task of
            # Slurm's that lacks its input looks twice more.
            glifml() {
                run "$@"
                local result=$? pause
                for pause in ${SLURM_JOB_ID:+5 60}; do
                    [ "$result" = 2 ] && [ -z "$again" ] || break
                    sleep "$pause"
                    run "$@"
                    result=$?
                done
                return "$result"
            }
            code=0
            failed() {
                code=$1
                if [ "$code" = 130 ]; then
                    [ -z "$again" ] || scontrol requeue "$SLURM_JOB_ID"
                    exit 130
                fi
            }


            """
        );
        foreach (var command in job.Commands)
            text.Append(command).Append(job.Commands.Count == 1 ? " || failed $?" : "").Append('\n');
        return text.Append("exit \"$code\"\n").ToString();
    }

    /// <summary>The script that submits the jobs, each after the one before it.</summary>
    /// <param name="jobs">The stage and file of each.</param>
    public string Submit(IReadOnlyList<(string Stage, string File)> jobs)
    {
        var text = new StringBuilder(
            $"""
            #!/bin/bash
            # Submits the jobs of this folder, each to begin when the one before it has ended well. All of them are ended by
            #   {CancelOf(Name)}
            set -eu
            cd {Bash.Quote(Folder)}
            mkdir -p {Logs}
            # All or none.
            trap '{CancelOf(Name)}' ERR

            """
        );
        foreach (var ((stage, file), index) in jobs.Select((job, index) => (job, index)))
            text.Append(
                $"""

                id=$(sbatch --parsable {(index == 0 ? "" : "--dependency=\"afterok:${id%%;*}\" ")}{file})
                echo "{stage} {"${id%%;*}"}"
                """
            );
        return text.Append('\n').ToString();
    }

    private static string Ranges(IReadOnlyList<int> numbers)
    {
        var text = new StringBuilder();
        for (int first = 0, next; first < numbers.Count; first = next)
        {
            for (next = first + 1; next < numbers.Count && numbers[next] == numbers[next - 1] + 1; next++) { }
            text.Append(first == 0 ? "" : ",").Append(Invariant.Text($"{numbers[first]}"));
            if (next - first > 1)
                text.Append(Invariant.Text($"-{numbers[next - 1]}"));
        }

        return text.ToString();
    }

    private static IEnumerable<string> Wrap(string text)
    {
        const int width = 110;
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    private IEnumerable<string> Options(ClusterJob job, IReadOnlyList<int> tasks)
    {
        yield return $"job-name={Name}";
        yield return $"comment={job.Stage}";
        if (job.Tasks is not null)
            yield return $"array={Ranges(tasks)}{(Resources.ArrayLimit is { } limit ? Invariant.Text($"%{limit}") : "")}";
        if (job.Processes is { } processes)
            yield return Invariant.Text($"ntasks={processes}");
        yield return Invariant.Text($"cpus-per-task={Resources.Cpus}");
        if (Resources.Memory is { } memory)
            yield return $"mem={memory}";
        if (Resources.Time is { } time)
            yield return $"time={time}";
        if (Resources.Partition is { } partition)
            yield return $"partition={partition}";
        // sbatch reads % as the start of a pattern.
        var logs = Path.Combine(Folder, Logs, job.Stage).Replace("%", "%%", StringComparison.Ordinal);
        yield return $"output=\"{logs}{(job.Tasks is null ? "" : "-%a")}.log\"";
        yield return "open-mode=append";
        yield return "requeue";
        yield return Invariant.Text($"signal=B:USR1@{SecondsBeforeTheEnd}");
        yield return "kill-on-invalid-dep=yes";
    }
}
