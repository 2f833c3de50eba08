using System.Text.Json.Nodes;
using GlifMl.Tests.Datasets;
using Xunit.Abstractions;

namespace GlifMl.Tests.Cli;

/// <summary>Definitions on a real Slurm, beside the same on one machine.</summary>
public sealed class SlurmTests(SlurmCluster cluster, ITestOutputHelper log) : IClassFixture<SlurmCluster>
{
    /// <summary>The quickstart, small: 10 shards, 2 epochs.</summary>
    private static readonly string[] Reduced =
    [
        Glifml.Path("pipelines/quickstart.yaml"),
        .. Set("dataset.splits.train.traces=160"),
        .. Set("dataset.splits.validation.traces=32"),
        .. Set("dataset.splits.test.traces=48"),
        .. Set("dataset.shard_rows=16"),
        .. Set("pipeline.bilstm.epochs=2"),
    ];

    [SlurmFact]
    public void Submit_AnArrayOfFourTasksAndAnEnsemble_MakesTheBytesOfOneProcess()
    {
        if (!IsUp())
            return;
        using TempFolder alone = new(),
            shared = new();
        string[] two = [.. Set("ensemble=2")];
        Alone(alone, two);

        var name = Submit(shared, two);
        cluster.WaitForTheEndOf(name);

        AssertSame(alone, shared);
        var status = JsonNode.Parse(cluster.Submit("status", shared["scripts"], "--json").Output)!.AsArray().Single()!;
        Assert.All(status["stages"]!.AsArray(), stage => Assert.Equal($"{stage!["of"]}", $"{stage["there"]}"));
        Assert.All(status["stages"]!.AsArray(), stage => Assert.Empty(stage!["failedTasks"]!.AsArray()));
    }

    [SlurmFact]
    public void Submit_TasksKilledAndANodeDrained_ResumeEndsInTheSameBytes()
    {
        if (!IsUp())
            return;
        using TempFolder alone = new(),
            shared = new();
        Alone(alone);

        var name = Submit(shared);
        var job = Ids(shared)["generate"]!.GetValue<string>();
        // In the middle: some shards are there, or at least begun.
        SlurmCluster.WaitFor(() =>
            Directory.Exists(shared["shards", "train"]) && Directory.EnumerateFiles(shared["shards", "train"]).Any()
        );
        cluster.Do("scancel", "--signal=KILL", "--full", $"{job}_1", $"{job}_2", $"{job}_3");
        cluster.Do("scontrol", "update", "NodeName=n1", "State=DRAIN", "Reason=test");
        try
        {
            // What comes after cannot begin, and leaves the queue.
            cluster.WaitForTheEndOf(name);
            Assert.False(File.Exists(shared["model", "model.onnx"]));
            var (code, table, _) = cluster.Submit("status", shared["scripts"]);
            Assert.Equal(0, code);
            Assert.Contains("failed: generate ", table, StringComparison.Ordinal);

            Assert.Equal(name, Submit(shared, "--resume"));
            cluster.WaitForTheEndOf(name);
        }
        finally
        {
            cluster.Do("scontrol", "update", "NodeName=n1", "State=RESUME");
        }

        AssertSame(alone, shared);
        Assert.Empty(Directory.GetFiles(shared["shards"], "*.tmp", SearchOption.AllDirectories));
    }

    [SlurmFact]
    public void Submit_ATrainingWhoseTimeIsUp_GoesOnWhereItStopped()
    {
        if (!IsUp())
            return;
        using TempFolder alone = new(),
            shared = new();
        string[] longer = [.. Set("pipeline.bilstm.epochs=60")];
        Alone(alone, longer);

        var name = Submit(shared, longer);
        var job = Ids(shared)["train"]!.GetValue<string>();
        SlurmCluster.WaitFor(() => File.Exists(shared["model", "training.jsonl"]));
        // What Slurm sends before the end of the time.
        cluster.Do("scancel", "--signal=USR1", "--batch", job);
        SlurmCluster.WaitFor(() =>
            cluster.Do("squeue", "--noheader", "--states=all", $"--job={job}", "--format=%T|%r")?.Trim() == "PENDING|BeginTime"
        );
        Assert.False(File.Exists(shared["model", "model.onnx"]));
        var stoppedAt = File.ReadAllLines(shared["model", "training.jsonl"]).Length;
        Assert.InRange(stoppedAt, 1, 59);
        // Slurm would wait for two minutes; within seconds the node still refuses the job that it has just ended.
        Thread.Sleep(4000);
        cluster.Do("scontrol", "update", $"JobId={job}", "StartTime=now");
        cluster.WaitForTheEndOf(name);

        AssertSame(alone, shared);
    }

    [SlurmFact]
    public void Submit_AListOfRuns_IsOneArrayAndTheTableOfOneMachine()
    {
        if (!IsUp())
            return;
        using TempFolder alone = new(),
            shared = new();
        foreach (var folder in new[] { alone, shared })
        {
            File.WriteAllText(
                folder["small.yaml"],
                $"extends: {Reduced[0]}\nname: small\ndataset: {{splits: {{train: {{traces: 64}}, validation: {{traces: 16}}, "
                    + "test: {traces: 32}}, shard_rows: 16}\npipeline:\n  - scale-targets: {C: log, R_input: log}\n  - mean\n"
            );
            File.WriteAllText(folder["linear.yaml"], "extends: small.yaml\nname: linear\npipeline:\n  - trace-features\n  - linear\n");
            File.WriteAllText(folder["list.yaml"], "name: list\nseeds: [1, 2, 3]\nruns: {Which?: [small.yaml, linear.yaml]}\n");
        }

        string[] Where(TempFolder folder) => [folder["list.yaml"], "--output", folder["models"], "--data", folder["shards"]];
        Assert.Equal(0, Glifml.Run(["run", .. Where(alone), "--quiet"]).Code);
        var (code, output, error) = cluster.Submit(["submit", .. Where(shared), "--scripts", shared["scripts"], "--json"]);
        Assert.True(code == 0, error);
        cluster.WaitForTheEndOf(JsonNode.Parse(output)!["name"]!.GetValue<string>());

        Assert.Equal(["generate", "run", "table"], JsonNode.Parse(output)!["jobs"]!.AsArray().Select(job => $"{job!["stage"]}"));
        Assert.Equal(File.ReadAllText(alone["models", "report", "table.md"]), File.ReadAllText(shared["models", "report", "table.md"]));
        foreach (var run in Directory.GetDirectories(alone["models"], "*-seed-*").Select(path => Path.GetFileName(path)))
            Assert.Equal(File.ReadAllBytes(alone["models", run, "model.onnx"]), File.ReadAllBytes(shared["models", run, "model.onnx"]));
    }

    private static IEnumerable<string> Set(string value) => ["--set", value];

    private static string[] Where(TempFolder folder) => ["--data", folder["shards"], "--output", folder["model"]];

    private static void Alone(TempFolder folder, params string[] more) =>
        Assert.Equal(0, Glifml.Run(["run", .. Reduced, .. Where(folder), "--quiet", .. more]).Code);

    private static JsonNode Ids(TempFolder folder) => JsonNode.Parse(File.ReadAllText(folder["scripts", "submission.json"]))!["jobs"]!;

    private static void AssertSame(TempFolder expected, TempFolder found)
    {
        var files = Directory.GetFiles(expected["shards"], "*", SearchOption.AllDirectories);
        Assert.Equal(files.Length, Directory.GetFiles(found["shards"], "*", SearchOption.AllDirectories).Length);
        foreach (var file in files.Append(expected["model", "model.onnx"]))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(found[Path.GetRelativePath(expected.Path, file)]));
        Assert.Equal(Figures(expected), Figures(found));
        Assert.True(File.Exists(found["model", "report", "report.html"]));
    }

    private static string Figures(TempFolder folder)
    {
        var metrics = JsonNode.Parse(File.ReadAllText(folder["model", "metrics.json"]))!;
        return $"{metrics["test"]!.ToJsonString()} {metrics["validation"]!.ToJsonString()}";
    }

    private string Submit(TempFolder folder, params string[] more)
    {
        var (code, output, error) = cluster.Submit([
            "submit",
            .. Reduced,
            .. Where(folder),
            "--scripts",
            folder["scripts"],
            "--tasks",
            "4",
            "--json",
            .. more,
        ]);
        Assert.True(code == 0, error);
        return JsonNode.Parse(output)!["name"]!.GetValue<string>();
    }

    private bool IsUp()
    {
        if (cluster.Fault is { } fault)
            log.WriteLine($"skipped: {fault}");
        return cluster.Fault is null;
    }
}
