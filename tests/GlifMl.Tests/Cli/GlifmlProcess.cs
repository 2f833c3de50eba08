using System.Diagnostics;

namespace GlifMl.Tests.Cli;

/// <summary>Runs the command line as a process of its own, for what only processes do to each other.</summary>
internal sealed class GlifmlProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output,
        _error;

    public GlifmlProcess(params string[] arguments)
    {
        _process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "glifml.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    public (int Code, string Output, string Error) WaitForExit(double seconds = 120)
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(seconds)), $"the process did not end within {seconds} s");
        return (_process.ExitCode, _output.Result, _error.Result);
    }

    /// <summary>Ends the process as a power cut does: nothing of it runs any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
