using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GlifMl.Tests.Cli;

/// <summary>One training in several processes.</summary>
public sealed class MpiTests : IDisposable
{
    private static readonly string[] Options = ["--set", "pipeline.bilstm.epochs=12", "--set", "pipeline.bilstm.posterior={components: 2}"];
    private readonly TinyPipeline _tiny = new();

    public MpiTests() => Assert.Equal(0, _tiny.Run("generate").Code);

    [MpiFact]
    public void Train_TwoProcesses_LearnWhatOneDoesAndTheSameEachTime()
    {
        Assert.Equal(0, _tiny.Run("train", Options).Code);

        var (code, output, error) = Start("two");
        Assert.True(code == 0, error);
        Assert.Equal($"model: {_tiny["two", "model.onnx"]}", output.Trim().TrimStart('\e', '[', '?', '1', 'h', '='));
        Assert.Equal(0, Start("again").Code);

        var (one, two) = (Losses(_tiny.Model), Losses(_tiny["two"]));
        Assert.Equal(one.Length, two.Length);
        foreach (var (expected, found) in one.Zip(two))
            Assert.InRange(Math.Abs(expected - found), 0, 1e-5);
        Assert.Equal(Bytes("two"), Bytes("again"));
    }

    [MpiFact]
    public void Train_AProcessIsKilled_EndsAllAndGoesOnToTheSameBytes()
    {
        Assert.Equal(0, Start("unbroken").Code);

        using (var launcher = Launch("broken"))
        {
            var log = _tiny["broken", "training.jsonl"];
            while (!File.Exists(log) && !launcher.HasExited)
                Thread.Sleep(2);
            var victim = Processes(_tiny["broken"]).Max();
            using (var process = Process.GetProcessById(victim))
                process.Kill();
            Assert.True(launcher.WaitForExit(TimeSpan.FromSeconds(60)), "the other processes went on waiting for the one that was killed");
            var said = launcher.StandardError.ReadToEnd();
            Assert.NotEqual(0, launcher.ExitCode);
            Assert.Equal(1, said.Split('\n').Count(line => line.StartsWith("glifml: ", StringComparison.Ordinal)));
        }

        Assert.Equal(0, Start("broken", "--resume").Code);
        Assert.Equal(Bytes("unbroken"), Bytes("broken"));
    }

    [MpiFact]
    public void Train_MoreProcessesThanABatchHasTraces_SaysSo()
    {
        var (code, _, error) = Start("two", "--set", "pipeline.bilstm.batch=1");

        Assert.NotEqual(0, code);
        Assert.Contains(
            "glifml: found 2 processes for batches of 1 traces; expected no more processes than traces",
            error,
            StringComparison.Ordinal
        );
    }

    [UnixFact]
    public void Train_WithoutMpi_SaysWhatToInstall()
    {
        File.WriteAllText(_tiny["libmpi.so.40"], "no library");

        var (code, _, error) = GlifmlProcess.Run(
            [("LD_LIBRARY_PATH", Path.GetDirectoryName(_tiny.Definition))],
            "train",
            _tiny.Definition,
            "--mpi"
        );

        Assert.Equal(
            (
                1,
                "glifml: found no libmpi.so.40; expected Open MPI on this machine "
                    + "(Debian, Ubuntu: apt-get install openmpi-bin; clusters: module load openmpi)\n"
            ),
            (code, error)
        );
    }

    public void Dispose() => _tiny.Dispose();

    private static IEnumerable<int> Processes(string folder) =>
        Directory
            .GetDirectories("/proc")
            .Select(path => (Path: path, IsProcess: int.TryParse(Path.GetFileName(path), out var id), Id: id))
            .Where(process => process.IsProcess && Arguments(process.Path) is ["dotnet", _, "train", .., var last] && last == folder)
            .Select(process => process.Id);

    private static string[] Arguments(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).TrimEnd('\0').Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static double[] Losses(string model) =>
        [
            .. File.ReadLines(Path.Combine(model, "training.jsonl"))
                .Select(line => JsonNode.Parse(line)!)
                .SelectMany(epoch => new[] { epoch["trainLoss"]!.GetValue<double>(), epoch["validationLoss"]!.GetValue<double>() }),
        ];

    private byte[] Bytes(string model) => File.ReadAllBytes(_tiny[model, "model.onnx"]);

    private (int Code, string Output, string Error) Start(string model, params string[] more)
    {
        using var process = Launch(model, more);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.Result, error);
    }

    private Process Launch(string model, params string[] more)
    {
        string[] arguments =
        [
            "--oversubscribe",
            "-np",
            "2",
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "glifml.dll"),
            "train",
            _tiny.Definition,
            "--mpi",
            "--quiet",
            "--data",
            _tiny.Data,
            .. Options,
            .. more,
            "--output",
            _tiny[model],
        ];
        var start = new ProcessStartInfo("mpirun", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It asks root whether that is meant. Two processes of two threads each would wait for each other on two cores.
        foreach (var name in new[] { "OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "DOTNET_PROCESSOR_COUNT" })
            start.Environment[name] = "1";
        return Process.Start(start)!;
    }
}

/// <summary>A fact that needs Open MPI.</summary>
public sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "mpirun"))))
            Skip = "Open MPI is not installed here (Debian: apt-get install openmpi-bin)";
    }
}
