using System.Diagnostics;

namespace GlifMl.Tests.Cli;

/// <summary>Runs the command line in a process of its own, for what depends on the environment or ends the process.</summary>
internal static class GlifmlProcess
{
    /// <summary>Starts the program; a variable whose value is null is taken out of the environment.</summary>
    public static Process Start(IEnumerable<(string Name, string? Value)> environment, params IEnumerable<string> arguments) =>
        StartIn(null, environment, arguments);

    private static Process StartIn(string? folder, IEnumerable<(string Name, string? Value)> environment, IEnumerable<string> arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "glifml.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static (int Code, string Output, string Error) Run(
        IEnumerable<(string Name, string? Value)> environment,
        params IEnumerable<string> arguments
    ) => RunIn(null, environment, arguments);

    /// <summary>Runs the program in a folder.</summary>
    public static (int Code, string Output, string Error) RunIn(
        string? folder,
        IEnumerable<(string Name, string? Value)> environment,
        params IEnumerable<string> arguments
    )
    {
        using var process = StartIn(folder, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error.ReplaceLineEndings("\n"));
    }
}
