using System.Diagnostics;
using System.Runtime.InteropServices;
using GlifMl.Lstm;
using GlifMl.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>What a run asks of the machine, in processes of their own.</summary>
public sealed class MachineTests
{
    // Nobody can write there, root included.
    private const string Unwritable = "/proc/nowhere";

    [Fact]
    public void Run_UnknownKernelInTheEnvironment_IsOneLineBeforeAnythingIsGenerated()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = Run(tiny, [(LstmKernels.EnvironmentVariable, "avx9")]);

        Assert.Equal("", output);
        Assert.Matches("^glifml: GLIFML_KERNEL: found LSTM kernel 'avx9'; expected one of scalar[a-z0-9, ]* on this machine\n$", error);
        Assert.Equal(2, code);
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Run_NoPlaceForThePatchedLibrary_IsOneLineBeforeAnythingIsGenerated()
    {
        if (!NeedsPatch)
            return;
        using var tiny = new TinyPipeline();

        var (code, output, error) = Run(tiny, [("HOME", null), ("XDG_CACHE_HOME", Unwritable), ("TMPDIR", Unwritable)]);

        Assert.Equal("", output);
        Assert.Matches(
            "^glifml: libtorch cannot be loaded: found no place for a copy that fits this system .*/proc/nowhere.*; expected one, .*\n$",
            error
        );
        Assert.Equal(1, code);
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Train_NoWritableHome_LoadsAPrivateCopyAndLeavesNothing()
    {
        if (!NeedsPatch)
            return;
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);
        var temporary = Directory.CreateDirectory(tiny["temporary"]).FullName;

        var (code, _, error) = Run(tiny, [("HOME", null), ("XDG_CACHE_HOME", Unwritable), ("TMPDIR", temporary)], "train");

        Assert.True(code == 0, error);
        Assert.Empty(Directory.GetFiles(temporary, "libLibTorchSharp.so", SearchOption.AllDirectories));
    }

    [Fact]
    public void Train_CacheThatOthersCanWriteTo_IsNotLoadedFrom()
    {
        if (!NeedsPatch)
            return;
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);
        var cache = Directory.CreateDirectory(tiny["cache"]).FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                cache,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite
            );

        // From a private copy; and not at all where there is no other place.
        var (code, _, error) = Run(tiny, [("XDG_CACHE_HOME", cache)], "train");
        Assert.True(code == 0, error);
        (code, _, error) = Run(tiny, [("XDG_CACHE_HOME", cache), ("TMPDIR", Unwritable)], "train", "--force");

        Assert.Equal(1, code);
        Assert.Contains("found a cache that other users can write to; expected one of this user alone", error, StringComparison.Ordinal);
    }

    // oneDNN writes a line for each layer that it runs: its LSTM is wrong on some processors where gradients are off.
    [Fact]
    public void Train_KernelTorch_NeverRunsTheLayerWithoutGradients()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);

        var (code, output, error) = Run(tiny, [("ONEDNN_VERBOSE", "1")], "train", "--set", "pipeline.bilstm.kernel=torch");

        Assert.True(code == 0, error);
        Assert.DoesNotContain(
            "forward_inference",
            string.Join('\n', output.Split('\n').Where(l => l.Contains(",rnn,"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Train_KernelTorchOverUnequalTraces_StopsAtSigterm()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var tiny = new TinyPipeline();
        string[] longer = ["--set", "dataset.trace.samples=2000", "--set", "dataset.trace.simulate=2600"];
        Assert.Equal(0, tiny.Run("generate", longer).Code);

        using var process = GlifmlProcess.Start(
            [],
            [
                "train",
                tiny.Definition,
                "--data",
                tiny.Data,
                "--output",
                tiny.Model,
                .. longer,
                "--set",
                "pipeline.bilstm={hidden: 3, batch: 8, epochs: 100000, kernel: torch}",
                "--quiet",
            ]
        );
        var error = process.StandardError.ReadToEndAsync();
        WaitFor(Path.Combine(tiny.Model, "checkpoint", "last.ckpt"), process);

        var start = Stopwatch.GetTimestamp();
        Assert.Equal(0, Kill(process.Id, Sigterm));
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the process does not end");

        Assert.Equal(130, process.ExitCode);
        Assert.Equal(
            "glifml: interrupted; what was finished is kept, and --resume goes on from there\n",
            (await error).ReplaceLineEndings("\n")
        );
        // A step takes a tenth of a second; the machine may be busy.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 20);
    }

    private const int Sigterm = 15;

    private static bool NeedsPatch => TorchRuntime.Description.Contains("marked weak", StringComparison.Ordinal);

    private static (int Code, string Output, string Error) Run(
        TinyPipeline tiny,
        IEnumerable<(string, string?)> environment,
        string command = "run",
        params string[] more
    ) => GlifmlProcess.Run(environment, [command, tiny.Definition, "--data", tiny.Data, "--output", tiny.Model, "--quiet", .. more]);

    private static void WaitFor(string file, Process process)
    {
        var start = Stopwatch.GetTimestamp();
        while (!File.Exists(file))
        {
            Assert.False(process.HasExited, "the process ended before it was told to");
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2), $"{file} does not come");
            Thread.Sleep(50);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
