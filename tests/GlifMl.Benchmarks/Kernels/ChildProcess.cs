using System.Diagnostics;
using System.Text.Json;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>Runs a measurement in a process of its own, so that none finds the heap as another left it.</summary>
internal static class ChildProcess
{
    /// <summary>Starts this program with those arguments and reads its last line as JSON.</summary>
    /// <param name="arguments">Arguments after <c>kernels</c>.</param>
    /// <param name="environment">Variables to set besides this process's own.</param>
    /// <exception cref="InvalidOperationException">The process failed.</exception>
    public static T Run<T>(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        start.ArgumentList.Add("kernels");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{string.Join(' ', start.ArgumentList)}' ended with exit code {process.ExitCode}");
        return JsonSerializer.Deserialize<T>(output.TrimEnd().Split('\n')[^1])!;
    }

    /// <summary>Hands a result back to <see cref="Run"/>.</summary>
    public static int Return<T>(T result)
    {
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }
}
