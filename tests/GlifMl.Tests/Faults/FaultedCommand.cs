using System.Diagnostics;
using System.Runtime.InteropServices;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Faults;

/// <summary>A command that may be stopped at any moment, what it needs, and how it is run again.</summary>
/// <param name="Name">The command.</param>
/// <param name="Needs">The command with whose results it begins; null: with nothing.</param>
/// <param name="Again">What is added when it is run again after it was stopped.</param>
internal sealed record FaultedCommand(string Name, string? Needs, params IReadOnlyList<string> Again)
{
    private const int SignalTerminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // A long run stops what is quick more often: the report's figures alone take as long as ten scores.
    private static readonly (string Name, int Times)[] Shares =
    [
        ("generate", 4),
        ("train", 3),
        ("evaluate", 3),
        ("report", 1),
        ("score", 4),
        ("run", 1),
        ("compare", 1),
        ("submit", 4),
    ];

    /// <summary>The commands, in the order in which each one's needs come before it.</summary>
    public static IReadOnlyList<FaultedCommand> All { get; } =
    [
        new("generate", null),
        new("train", "generate", "--resume"),
        new("evaluate", "train"),
        new("report", "evaluate"),
        new("score", "train"),
        new("run", null, "--resume"),
        new("compare", null, "--resume"),
        // What it submitted last is in its folder, or still to be submitted: it is told to do the same once more.
        new("submit", null),
    ];

    /// <summary>The command of each trial: first every one once, then as often as it is quick.</summary>
    public static IEnumerable<FaultedCommand> Trials()
    {
        foreach (var command in All)
            yield return command;
        FaultedCommand[] round = [.. Shares.SelectMany(share => Enumerable.Repeat(All.Single(c => c.Name == share.Name), share.Times))];
        while (true)
        {
            foreach (var command in round)
                yield return command;
        }
    }

    /// <summary>The arguments in a workspace.</summary>
    public string[] Arguments(FaultWorkspace at) =>
        Name switch
        {
            "generate" => ["generate", at.Definition, "--data", at.Data, "--quiet"],
            "report" => ["report", at.Model],
            "score" =>
            [
                "score",
                "--model",
                Path.Combine(at.Model, "model.onnx"),
                Path.Combine(at.Data, "test"),
                Path.Combine(at.Data, "train"),
                "--out",
                at["scores.csv"],
                // What runs the model is measured otherwise, and decides the last digits.
                "--engine",
                "steady",
                "--quiet",
            ],
            "compare" =>
            [
                "compare",
                at.Definition,
                at.Baseline,
                "--output",
                at["compared"],
                "--data",
                at["datasets"],
                "--out",
                at["table"],
                "--quiet",
            ],
            "submit" => ["submit", at.Definition, "--tasks", "2", "--scripts", at["scripts"], "--data", at.Data, "--output", at.Model],
            _ => [Name, at.Definition, "--data", at.Data, "--output", at.Model, "--quiet"],
        };

    /// <summary>Runs it in a process of its own and sends it a signal.</summary>
    /// <param name="at">Where.</param>
    /// <param name="moment">How long after the start; null: it runs to its end.</param>
    /// <param name="politely">SIGTERM instead of SIGKILL.</param>
    /// <param name="again">Whether it was stopped before.</param>
    public StoppedProcess Run(FaultWorkspace at, TimeSpan? moment, bool politely, bool again)
    {
        var start = Stopwatch.GetTimestamp();
        (string, string?)[] environment = Name == "submit" ? [("PATH", FakeSlurm.PathOf(at))] : [];
        using var process = GlifmlProcess.Start(environment, [.. Arguments(at), .. again ? Again : []]);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (moment is { } after && !process.WaitForExit(after))
        {
            if (politely)
                _ = kill(process.Id, SignalTerminate);
            else
                process.Kill();
        }

        var ended = HasEnded(process);
        if (!ended)
            process.Kill();
        return new(ended ? process.ExitCode : null, output.Result, error.Result, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>
    /// Waits until a process ends; not for one that has been at work for two minutes, or for two minutes has not been. A niced one beside a
    /// build hardly gets a turn, and its wall time tells nothing.
    /// </summary>
    private static bool HasEnded(Process process)
    {
        var (worked, since) = (TimeSpan.Zero, Stopwatch.GetTimestamp());
        while (!process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            process.Refresh();
            var now = process.HasExited ? worked : process.TotalProcessorTime;
            if (now > Patience || (now == worked && Stopwatch.GetElapsedTime(since) > Patience))
                return false;
            if (now > worked)
                (worked, since) = (now, Stopwatch.GetTimestamp());
        }

        return true;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}

/// <summary>How a process ended; without an exit code it did not.</summary>
internal sealed record StoppedProcess(int? Code, string Output, string Error, TimeSpan Took);
