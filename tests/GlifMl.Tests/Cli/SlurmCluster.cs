using System.Diagnostics;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

/// <summary>A Slurm of two nodes on this machine, by tests/slurm.sh.</summary>
public sealed class SlurmCluster : IDisposable
{
    private static readonly string Script = Glifml.Path("tests/slurm.sh");
    private readonly TempFolder _folder = new();

    public SlurmCluster()
    {
        if (SlurmFactAttribute.Missing is not null)
            return;
        var (code, error) = Run("bash", Script, "up", Folder);
        Fault = code == 0 ? null : error.Trim();
    }

    /// <summary>Why it is not there; null: it is.</summary>
    public string? Fault { get; } = "not started";

    private string Folder => _folder["cluster"];

    private string Configuration => Path.Combine(Folder, "slurm.conf");

    /// <summary>Runs the command line beside the cluster.</summary>
    public (int Code, string Output, string Error) Submit(params IEnumerable<string> arguments) =>
        GlifmlProcess.Run([("SLURM_CONF", Configuration)], arguments);

    /// <summary>Runs one of Slurm's programs.</summary>
    /// <returns>What it says; null: it failed, as it may where a daemon is slow to answer.</returns>
    public string? Do(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }

    /// <summary>Waits until no job of a name is in the queue.</summary>
    public void WaitForTheEndOf(string name) => WaitFor(() => Do("squeue", "--noheader", $"--name={name}") is "");

    /// <summary>Waits until something is so.</summary>
    public static void WaitFor(Func<bool> isSo)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 240, "found the queue at work after four minutes; expected its end");
            Thread.Sleep(50);
        }
    }

    public void Dispose()
    {
        if (Fault is null)
            Run("bash", Script, "down", Folder);
        // The daemons write their last lines after they were told to end.
        for (var tries = 0; tries < 50; tries++)
        {
            try
            {
                _folder.Dispose();
                return;
            }
            catch (IOException)
            {
                Thread.Sleep(100);
            }
        }
    }

    private (int Code, string Error) Run(string program, params string[] arguments)
    {
        // The daemons keep what they inherit open: nobody reads it to its end.
        var start = new ProcessStartInfo("bash", ["-c", "\"$@\" >/dev/null 2>\"$0\"", _folder["error"], program, .. arguments])
        {
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        return (process.ExitCode, File.ReadAllText(_folder["error"]));
    }

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["SLURM_CONF"] = Configuration;
        return Process.Start(start)!;
    }
}

/// <summary>A fact that needs Slurm's programs.</summary>
public sealed class SlurmFactAttribute : FactAttribute
{
    public SlurmFactAttribute() => Skip = Missing;

    /// <summary>What is missing; null: nothing is.</summary>
    public static string? Missing { get; } =
        new[] { "sbatch", "slurmctld", "slurmd", "munged" }.FirstOrDefault(program =>
            !$"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
                .Split(':')
                .Any(folder => File.Exists(Path.Combine(folder, program)))
        )
            is { } program
            ? $"{program} is not installed here (Debian: apt-get install slurm-wlm munge)"
            : null;
}
