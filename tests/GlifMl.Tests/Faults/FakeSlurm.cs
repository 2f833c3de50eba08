namespace GlifMl.Tests.Faults;

/// <summary>
/// Slurm's programs as <c>submit</c> calls them, in a workspace: a queue that is a file and never moves. The real one, on which what is
/// submitted also runs, is that of <c>SlurmTests</c>.
/// </summary>
internal static class FakeSlurm
{
    private const string Folder = "slurm";

    private const string QueueOf = "queue=$(dirname \"$0\")/queue\n";

    /// <summary>What is said of a submission that is in the queue already.</summary>
    public const string InTheQueue = "of this submission in the queue";

    private static readonly Dictionary<string, string> Programs = new()
    {
        // The name of the job, its file and what it waits for are a line; a job's id is the number of its line.
        ["sbatch"] =
            "[ \"$1\" != --version ] || { echo slurm-wlm 22.05.8; exit 0; }\n"
            + QueueOf
            + "for file; do :; done\n"
            + "echo \"$(sed -n 's/^#SBATCH --job-name=//p' \"$file\") $*\" >>\"$queue\"\n"
            + "wc -l <\"$queue\" | tr -d ' '\n",
        ["squeue"] = QueueOf + "[ ! -f \"$queue\" ] || awk '{print NR \"|N/A|PENDING\"}' \"$queue\"\n",
        ["scancel"] = QueueOf + "rm -f \"$queue\"\n",
    };

    /// <summary>Puts the programs into a workspace.</summary>
    /// <returns>The path on which they are found before any others.</returns>
    public static string PathOf(FaultWorkspace at)
    {
        Directory.CreateDirectory(at[Folder]);
        foreach (var (name, lines) in Programs)
        {
            var file = Path.Combine(at[Folder], name);
            File.WriteAllText(file, "#!/bin/sh\n" + lines);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return $"{at[Folder]}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    /// <summary>Ends all jobs, as the message says that names the queue.</summary>
    public static void Cancel(FaultWorkspace at) => File.Delete(Path.Combine(at[Folder], "queue"));
}
