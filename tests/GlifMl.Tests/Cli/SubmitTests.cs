using System.Diagnostics;
using System.Text.Json.Nodes;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Cli;

/// <summary>The scripts that <c>submit</c> writes, without a cluster: read, and run by hand.</summary>
public sealed class SubmitTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    private string Scripts => _tiny["scripts"];

    [UnixFact]
    public void Submit_DryRunByHandOutOfOrder_MakesTheBytesOfOneProcess()
    {
        using var alone = new TinyPipeline();
        Assert.Equal(0, alone.Run("run").Code);

        var (code, output, error) = Submit("--tasks", "2");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("| generate |   - |     2 | 1-generate.sh |", output, StringComparison.Ordinal);
        Assert.Contains(
            $"written, not submitted: `bash {Path.Combine(Scripts, "submit.sh")}` submits them",
            output,
            StringComparison.Ordinal
        );

        ByHand("1-generate.sh", task: 1);
        var early = ByHand("2-assemble.sh", expected: 2);
        Assert.StartsWith(
            $"glifml: {Path.Combine(_tiny.Data, "train")}: found 1 of 2 shards; expected all, of which shard-00000-of-00002.parquet is",
            early,
            StringComparison.Ordinal
        );
        ByHand("1-generate.sh", task: 0);
        // Twice, as after a node that was lost too late.
        ByHand("1-generate.sh", task: 1);
        ByHand("2-assemble.sh");
        ByHand("3-train.sh");
        // Both splits have one shard, so that there is one task.
        ByHand("4-score.sh", task: 0);
        var scored = Directory.GetFiles(Path.Combine(_tiny.Model, "checkpoint", "evaluated"), "*.rows", SearchOption.AllDirectories);
        Assert.Equal(2, scored.Length);
        // A damaged one counts for nothing.
        File.WriteAllBytes(scored[0], File.ReadAllBytes(scored[0])[..^1]);
        ByHand("5-evaluate.sh");
        ByHand("6-report.sh");
        Assert.False(Directory.Exists(Path.Combine(_tiny.Model, "checkpoint", "evaluated")));

        AssertSameFiles(alone.Data, _tiny.Data);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(alone.Model, "model.onnx")),
            File.ReadAllBytes(Path.Combine(_tiny.Model, "model.onnx"))
        );
        Assert.Equal(Figures(alone.Model), Figures(_tiny.Model));
        Assert.True(File.Exists(Path.Combine(_tiny.Model, "report", "report.html")));
    }

    // On a network file system a node may not see yet what another one has renamed. Here the pause is what brings it.
    [UnixFact]
    public void Submit_AFileThatIsSeenLate_IsLookedForAgain()
    {
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(0, Submit("--tasks", "2").Code);
        Assert.Equal(0, _tiny.Run("generate").Code);
        var shard = Path.Combine(_tiny.Data, "train", "shard-00001-of-00002.parquet");
        File.Move(shard, _tiny["late"]);
        Directory.CreateDirectory(_tiny["bin"]);
        File.WriteAllText(_tiny["bin", "sleep"], $"#!/bin/sh\n[ \"$1\" = 5 ] || mv '{_tiny["late"]}' '{shard}'\n");
        File.SetUnixFileMode(_tiny["bin", "sleep"], UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (code, error) = Bash(
            "2-assemble.sh",
            ("SLURM_JOB_ID", "1"),
            ("PATH", $"{_tiny["bin"]}:{Environment.GetEnvironmentVariable("PATH")}")
        );

        Assert.Equal(0, code);
        Assert.Equal(2, error.Split("found 1 of 2 shards").Length - 1);
    }

    [UnixFact]
    public void Ask_ProgramThatDoesNotAnswer_IsLeftAndNotAskedAgain()
    {
        var start = Stopwatch.GetTimestamp();
        for (var time = 0; time < 2; time++)
        {
            var fault = Assert.Throws<InvalidOperationException>(() => Slurm.Ask("sleep", ["600"], TimeSpan.FromSeconds(0.5)));
            Assert.Equal("sleep: found no answer within 0.5 s; expected that of a cluster", fault.Message);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.4, 60);
    }

    [Fact]
    public void Submit_Resume_LeavesOutWhatIsThere()
    {
        Assert.Equal(0, _tiny.Run("generate").Code);
        var lost = Path.Combine(_tiny.Data, "train", "shard-00001-of-00002.parquet");
        File.Delete(lost);
        File.Delete(Path.Combine(_tiny.Data, "test", "manifest.json"));

        Assert.Equal(0, Submit("--tasks", "2", "--resume").Code);

        Assert.Contains("\n#SBATCH --array=1\n", Script("1-generate.sh"), StringComparison.Ordinal);
        Assert.Contains(" train \"$folder/pipeline.yaml\" --resume --quiet", Script("3-train.sh"), StringComparison.Ordinal);
        Assert.Equal(0, _tiny.Run("run").Code);
        Assert.Contains("nothing is missing", Submit("--tasks", "2", "--resume").Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sbatch", Script("submit.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_AListOfRuns_IsOneArrayAndATable()
    {
        File.WriteAllText(_tiny["list.yaml"], "name: two\nseeds: [1, 2]\nruns: {One?: [tiny.yaml]}\n");
        File.WriteAllText(_tiny["other.yaml"], "extends: tiny.yaml\npipeline:\n  - mean\n");

        var (code, output, error) = Glifml.Run([
            "submit",
            _tiny["list.yaml"],
            "--dry-run",
            "--scripts",
            Scripts,
            "--output",
            _tiny["models"],
            "--data",
            _tiny["sets"],
            "--json",
        ]);

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(["run", "table"], JsonNode.Parse(output)!["jobs"]!.AsArray().Select(job => job!["stage"]!.GetValue<string>()));
        Assert.Contains("\n#SBATCH --array=0-1\n", Script("1-run.sh"), StringComparison.Ordinal);
        Assert.Contains($"glifml run {_tiny["list.yaml"]} --output {_tiny["models"]}", Script("2-table.sh"), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(Scripts, "runs"), "*-tiny-seed-*.yaml").Length);
        // The seeds' datasets differ; a second definition shares them, and they are made once, before.
        File.WriteAllText(_tiny["list.yaml"], "name: two\nseeds: [1, 2]\nruns: {One?: [tiny.yaml, other.yaml]}\n");
        Assert.Equal(0, Glifml.Run(["submit", _tiny["list.yaml"], "--dry-run", "--scripts", Scripts, "--output", _tiny["models"]]).Code);
        // Two pieces each, for the two shards that training has.
        Assert.Contains("for dataset in 0:2 1:2; do", Script("1-generate.sh"), StringComparison.Ordinal);
        Assert.Contains("((piece++ % 4 == task)) || continue", Script("1-generate.sh"), StringComparison.Ordinal);
        Assert.Contains("\n#SBATCH --array=0-3\n", Script("1-generate.sh"), StringComparison.Ordinal);
        Assert.Contains("\n#SBATCH --array=0-3\n", Script("2-run.sh"), StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_ASweep_IsAnArrayOfItsTrialsAndTheSweepThatRanksThem()
    {
        var (code, _, error) = Submit("--set", "pipeline.bilstm.hidden={sweep: [2, 3, 4]}");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("\n#SBATCH --array=0-2\n", Script("2-run.sh"), StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(Scripts, "runs")).Length);
        Assert.Contains(
            $"glifml sweep {_tiny.Definition} --set 'pipeline.bilstm.hidden={{sweep: [2, 3, 4]}}'",
            Script("3-table.sh"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Submit_Resources_AreWrittenAsSbatchTakesThem()
    {
        string[] given = ["--cpus", "3", "--mem", "4G", "--time", "1-2:00:00", "--partition", "short,long", "--array-limit", "5"];

        Assert.Equal(0, Submit(["--tasks", "2", .. given]).Code);

        var script = Script("1-generate.sh");
        foreach (var option in new[] { "array=0-1%5", "cpus-per-task=3", "mem=4G", "time=1-2:00:00", "partition=short,long" })
            Assert.Contains($"\n#SBATCH --{option}\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Submit_Ranks_TrainThroughMpi()
    {
        Assert.Equal(0, Submit("--tasks", "2", "--ranks", "4", "--cpus", "2").Code);

        var script = Script("3-train.sh");
        Assert.Contains("\n#SBATCH --ntasks=4\n#SBATCH --cpus-per-task=2\n", script, StringComparison.Ordinal);
        Assert.Contains("program=(srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=", script, StringComparison.Ordinal);
        Assert.Contains(" --quiet --mpi || failed $?", script, StringComparison.Ordinal);
        Assert.DoesNotContain("srun", Script("5-evaluate.sh"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--engine", "pbs", "--engine: found 'pbs'; expected slurm")]
    [InlineData("--tasks", "0", "--tasks: found 0; expected at least 1")]
    [InlineData("--mem", "4 G", "--mem: found '4 G'; expected a size such as 4G")]
    [InlineData("--time", "soon", "--time: found 'soon'; expected a time such as 90 (minutes), 2:00:00 or 1-12:00:00")]
    [InlineData("--partition", "a\n#SBATCH --uid=0", "--partition: found 'a\\n#SBATCH --uid=0'; expected a partition's name")]
    public void Submit_ABadOption_IsNamed(string option, string value, string expected)
    {
        var (code, _, error) = Submit(option, value);

        Assert.Equal((2, $"glifml: {expected}\n"), (code, error.ReplaceLineEndings("\n")));
        Assert.False(Directory.Exists(Scripts));
    }

    [Fact]
    public void Status_OfAFolderWithoutSubmission_SaysSo()
    {
        var (code, _, error) = Glifml.Run("status", _tiny.Data);

        Assert.Equal(
            (2, $"glifml: {_tiny.Data}: found no submission.json; expected a folder that `glifml submit` made"),
            (code, error.TrimEnd())
        );
    }

    [Fact]
    public void Status_WithoutSlurm_TellsWhatIsThereByItsFiles()
    {
        Assert.Equal(0, Submit("--tasks", "2").Code);
        Assert.Equal(0, _tiny.Run("generate", "--shard", "0/2").Code);

        // No Slurm is on this path; one that is there and finds no cluster waits for minutes.
        var (code, output, error) = GlifmlProcess.Run([("PATH", "/nowhere")], "status", Scripts, "--json");

        Assert.Equal(0, code);
        Assert.Contains("the queue is not counted: ", error, StringComparison.Ordinal);
        var stages = JsonNode.Parse(output)!.AsArray().Single()!["stages"]!.AsArray();
        Assert.Equal(
            [
                "generate 3 of 4 shards",
                "assemble 2 of 3 splits",
                "train 0 of 1 models",
                "score 0 of 2 shards",
                "evaluate 0 of 1 figures",
                "report 0 of 1 reports",
            ],
            stages.Select(s => $"{s!["stage"]} {s["there"]} of {s["of"]} {s["what"]}")
        );
        Assert.All(stages, s => Assert.Null(s!["running"]));
    }

    public void Dispose() => _tiny.Dispose();

    private static void AssertSameFiles(string expected, string found)
    {
        Assert.Equal(Files(expected), Files(found));
        foreach (var file in Files(expected))
            Assert.Equal(File.ReadAllBytes(Path.Combine(expected, file)), File.ReadAllBytes(Path.Combine(found, file)));
    }

    private static string[] Files(string folder) =>
        [
            .. Directory
                .GetFiles(folder, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder, file))
                .Order(StringComparer.Ordinal),
        ];

    private static string Figures(string model)
    {
        var metrics = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "metrics.json")))!;
        return $"{metrics["test"]!.ToJsonString()} {metrics["validation"]!.ToJsonString()}";
    }

    private (int Code, string Output, string Error) Submit(params string[] more) =>
        Glifml.Run(["submit", _tiny.Definition, "--dry-run", "--scripts", Scripts, "--data", _tiny.Data, "--output", _tiny.Model, .. more]);

    private string Script(string file) => File.ReadAllText(Path.Combine(Scripts, file));

    private string ByHand(string file, int? task = null, int expected = 0)
    {
        var (code, error) = task is { } number ? Bash(file, ("SLURM_ARRAY_TASK_ID", $"{number}")) : Bash(file);
        Assert.Equal((expected, expected == 0), (code, error.Length == 0));
        return error;
    }

    private (int Code, string Error) Bash(string file, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Scripts, file)])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result;
        return (process.ExitCode, error);
    }
}
