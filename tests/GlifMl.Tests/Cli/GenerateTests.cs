namespace GlifMl.Tests.Cli;

public sealed class GenerateTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void Generate_FiveTimesTheTraces_TakesNoMoreMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        // Fewer traces end before the collector comes for the first time.
        var (few, many) = (PeakBytes(6_000), PeakBytes(30_000));
        Assert.True(many < few + (32 << 20), $"found {few >> 20} MiB for 6,000 traces and {many >> 20} MiB for 30,000");
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
            $"dataset.splits.train.traces={traces}",
            "--set",
            "dataset.shard_rows=100"
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
