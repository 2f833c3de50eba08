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
    ];

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
        using var process = GlifmlProcess.Start([], [.. Arguments(at), .. again ? Again : []]);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (moment is { } after && !process.WaitForExit(after))
        {
            if (politely)
                _ = kill(process.Id, SignalTerminate);
            else
                process.Kill();
        }

        var ended = process.WaitForExit(TimeSpan.FromMinutes(2));
        if (!ended)
            process.Kill();
        return new(ended ? process.ExitCode : null, output.Result, error.Result, Stopwatch.GetElapsedTime(start));
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}

/// <summary>How a process ended; without an exit code it did not.</summary>
internal sealed record StoppedProcess(int? Code, string Output, string Error, TimeSpan Took);
