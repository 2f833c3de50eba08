namespace GlifMl.Tests.Cli;

public sealed class GenerateTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void Generate_ThirtyTimesTheTraces_TakesNoMoreMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (few, many) = (PeakBytes(1_000), PeakBytes(30_000));
        // What is compiled for good as the loops go on, and what the collector has not come to yet.
        Assert.True(many < few + (48 << 20), $"found {few >> 20} MiB for 1,000 traces and {many >> 20} MiB for 30,000");
    }

    private long PeakBytes(int traces)
    {
        using var process = GlifmlProcess.Start(
            [],
            "generate",
            _tiny.Definition,
            "--data",
            _tiny[$"shards-{traces}"],
            "--quiet",
            "--set",
            $"dataset.splits.train.traces={traces}"
        );
        var error = process.StandardError.ReadToEndAsync();
        long peak = 0;
        // A high-water mark, which goes with the process: the last that was read is within milliseconds of it.
        while (!process.WaitForExit(5))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException) when (process.HasExited)
            {
                // Between the two questions.
            }
        }
        Assert.True(process.ExitCode == 0, error.Result);
        return peak;
    }
}
