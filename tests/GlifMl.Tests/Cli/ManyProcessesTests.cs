using System.Diagnostics;

namespace GlifMl.Tests.Cli;

/// <summary>Runs that share a folder: each may find the other at any point of its work, or gone.</summary>
public sealed class ManyProcessesTests
{
    [Fact]
    public void Generate_ThreeProcessesAtOnce_EndInTheBytesOfOne()
    {
        using TinyPipeline alone = new(),
            shared = new();
        Assert.Equal(0, alone.Run("generate").Code);

        // Many small shards: the processes meet often.
        string[] arguments = ["generate", shared.Definition, "--data", shared.Data, "--quiet"];
        Process[] processes = [.. Enumerable.Range(0, 3).Select(_ => GlifmlProcess.Start([], arguments))];
        foreach (var process in processes)
        {
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.Equal((0, ""), (process.ExitCode, error));
            process.Dispose();
        }

        Assert.Equivalent(Files(alone.Data), Files(shared.Data), strict: true);
    }

    [Fact]
    public void Generate_AfterAKilledRun_RemovesItsTemporaryFilesAndNoOthers()
    {
        using TinyPipeline tiny = new();
        string[] large = ["--set", "dataset.splits.train.traces=40000", "--set", "dataset.shard_rows=20000"];
        string[] arguments = ["generate", tiny.Definition, "--data", tiny.Data, "--quiet", .. large];
        using (var process = GlifmlProcess.Start([], arguments))
        {
            WaitFor(() => Temporary(tiny.Data).Length > 0 || process.HasExited);
            process.Kill();
            process.WaitForExit();
        }
        var left = Temporary(tiny.Data);
        Assert.NotEmpty(left);

        using (var living = GlifmlProcess.Start([], arguments))
        {
            WaitFor(() => Temporary(tiny.Data).Except(left).Any() || living.HasExited);
            var writing = Temporary(tiny.Data).Except(left).ToArray();
            Assert.NotEmpty(writing);
            AtomicFile.RemoveLeftovers(Path.Combine(tiny.Data, "train"));

            Assert.Empty(Temporary(tiny.Data).Intersect(left));
            Assert.False(living.HasExited);
            Assert.All(writing, file => Assert.True(File.Exists(file)));
            living.Kill();
            living.WaitForExit();
        }
    }

    private static string[] Temporary(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder, "*.tmp", SearchOption.AllDirectories) : [];

    private static void WaitFor(Func<bool> there)
    {
        var start = Stopwatch.GetTimestamp();
        while (!there())
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 60, "nothing happened within a minute");
            Thread.Sleep(5);
        }
    }

    private static Dictionary<string, byte[]> Files(string folder) =>
        Directory
            .GetFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes);
}
