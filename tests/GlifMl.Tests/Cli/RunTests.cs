using System.Text.Json;
using GlifMl.Pipelines;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

[Collection(TorchTests.Name)]
public sealed class RunTests
{
    [Fact]
    public void Run_ListOfWhichOneRunFails_NamesItAndKeepsTheRunsBeforeIt()
    {
        using var tiny = new TinyPipeline();
        File.WriteAllText(
            tiny["diverges.yaml"],
            "extends: tiny.yaml\npipeline:\n  - scale-targets: {C: 1e9}\n  - bilstm: {hidden: 2, epochs: 2, learning_rate: 1e30}\n"
        );
        File.WriteAllText(tiny["list.yaml"], "seeds: [1]\nruns:\n  Which?: [tiny.yaml, diverges.yaml]\n");

        var (code, output, error) = Glifml.Run("run", tiny["list.yaml"], "--data", tiny.Data, "--output", tiny["out"], "--quiet");

        Assert.Equal("", output);
        Assert.StartsWith("glifml: diverges-seed-1: the validation loss is ", error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.True(File.Exists(Path.Combine(tiny["out"], "tiny-seed-1", "metrics.json")));
    }

    [Fact]
    public void Run_FromNothing_LeavesAModelAndItsFigures()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = tiny.Run("run", "--json");

        Assert.Equal("", error);
        Assert.Equal(0, code);
        var metrics = JsonSerializer.Deserialize<PipelineMetrics>(output, Json.Options)!;
        Assert.Equal(8, metrics.Test.Rows);
        Assert.Equal(["C", "El", "R_input", "dt", "th_inf"], metrics.Test.Parameters.Keys);
        Assert.InRange(metrics.Test.MseScaled, double.Epsilon, double.MaxValue);
        Assert.Equal(output.ReplaceLineEndings(), File.ReadAllText(Path.Combine(tiny.Model, "metrics.json")).ReplaceLineEndings());
        foreach (var file in new[] { "model.onnx", "model.zip", "pipeline.yaml", "training.jsonl", "checkpoint/last.ckpt" })
            Assert.True(File.Exists(Path.Combine(tiny.Model, file)), file);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(tiny.Model, "training.jsonl")).Length);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(tiny.Model, "tensorboard")));
    }

    [Fact]
    public void Run_Twice_GivesTheSameBits()
    {
        using TinyPipeline one = new(),
            other = new();

        Assert.Equal(0, one.Run("run").Code);
        Assert.Equal(0, other.Run("run").Code);

        Assert.Equal(Shards(one), Shards(other));
        Assert.Equal(Losses(one), Losses(other));
        Assert.Equal(Scores(one), Scores(other));
    }

    [Fact]
    public void Train_ResumedAfterOneEpoch_EqualsAnUnbrokenRun()
    {
        using TinyPipeline broken = new(),
            whole = new();
        Assert.Equal(0, whole.Run("run").Code);
        Assert.Equal(0, broken.Run("generate").Code);
        using var stop = new CancellationTokenSource();

        // As Ctrl+C would, once the first epoch's checkpoint is there.
        using var watcher = new FileSystemWatcher(Directory.CreateDirectory(Path.Combine(broken.Model, "checkpoint")).FullName);
        watcher.Renamed += (_, _) => stop.Cancel();
        watcher.EnableRaisingEvents = true;
        using StringWriter output = new(),
            error = new();
        var code = GlifMl.Cli.CommandLine.Run(
            [
                "train",
                broken.Definition,
                "--data",
                broken.Data,
                "--output",
                broken.Model,
                "--quiet",
                "--set",
                "pipeline.bilstm.epochs=2000",
            ],
            output,
            error,
            stop.Token
        );
        Assert.Equal(130, code);
        Assert.Equal(
            "glifml: interrupted; what was finished is kept, and --resume goes on from there" + Environment.NewLine,
            error.ToString()
        );

        // The interrupted run asked for other epochs: its checkpoint is refused, and named.
        var (refused, _, message) = broken.Run("train", "--resume");
        Assert.Equal(2, refused);
        Assert.Contains("last.ckpt belongs to a run with other options or data", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ResumedFromAnEarlierCheckpoint_EqualsAnUnbrokenRun()
    {
        using TinyPipeline broken = new(),
            whole = new();
        Assert.Equal(0, whole.Run("run").Code);
        Assert.Equal(0, broken.Run("generate").Code);

        // A SIGKILL in the second epoch leaves the first one's checkpoint: stop there, by force.
        var killed = Assert.Throws<KilledException>(() => Killed(broken, afterEpoch: 1));
        Assert.Equal(1, killed.Epoch);
        var (code, _, error) = broken.Run("run", "--resume");

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Equal(Losses(whole), Losses(broken));
        Assert.Equal(Scores(whole), Scores(broken));
    }

    [Fact]
    public void Generate_InShardsAlone_GivesTheBytesOfTheWhole()
    {
        using TinyPipeline parts = new(),
            whole = new();

        Assert.Equal(0, whole.Run("generate").Code);
        Assert.Equal(0, parts.Run("generate", "--shard", "1/2").Code);
        Assert.Equal(0, parts.Run("generate", "--shard", "0/2").Code);

        Assert.Equal(Shards(whole), Shards(parts));
    }

    [Fact]
    public void Evaluate_Again_KeepsTheFiguresOfTheEarlierStages()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run").Code);
        var before = PipelineMetrics.Load(Path.Combine(tiny.Model, "metrics.json"))!;

        Assert.Equal(0, tiny.Run("evaluate").Code);

        var after = PipelineMetrics.Load(Path.Combine(tiny.Model, "metrics.json"))!;
        Assert.Equal(before.Seconds.Train, after.Seconds.Train);
        Assert.Equal(before.Test.MseScaled, after.Test.MseScaled);
    }

    [Fact]
    public void Run_DivergingTraining_FailsInOneLine()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", "pipeline.bilstm.learning_rate=1e30");

        Assert.Equal(1, code);
        Assert.Matches(
            @"^glifml: the loss is \S+ in epoch \d, step \d; a lower learning_rate, warm_up_steps or clip_norm keeps it finite\n$",
            error.ReplaceLineEndings("\n")
        );
        Assert.False(File.Exists(Path.Combine(tiny.Model, "model.onnx")));
    }

    [Fact]
    public void Score_ShardAndRecording_GivesParametersInSi()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run").Code);
        var model = Path.Combine(tiny.Model, "model.onnx");
        var shard = Directory.GetFiles(Path.Combine(tiny.Data, "test"), "*.parquet").Single();
        var recording = Glifml.Path("datasets/recordings/569469018_sweep44.csv");

        var (code, output, error) = Glifml.Run("score", "--model", model, shard, recording, "--out", tiny["scores.csv"]);

        Assert.Equal(0, code);
        Assert.Equal($"{tiny["scores.csv"]}: 9 traces", output.TrimEnd());
        var lines = File.ReadAllLines(tiny["scores.csv"]);
        Assert.Equal("source,trace,C,El,R_input,dt,th_inf,status,reason", lines[0]);
        // A model of 32 traces knows no real cell.
        Assert.Contains(",outside,", lines[9], StringComparison.Ordinal);
        Assert.Contains($"glifml: warning: {recording}, trace 0: outside: ", error, StringComparison.Ordinal);
        Assert.Equal(10, lines.Length);
        Assert.All(lines[1..], line => Assert.InRange(double.Parse(line.Split(',')[2]), 1e-12, 1e-8));

        var (_, json, _) = Glifml.Run("score", "--model", model, recording, "--json");
        var row = JsonDocument.Parse(json).RootElement[0];
        Assert.Contains(row.GetProperty("range").EnumerateArray(), m => m.GetProperty("statistic").GetString() == "mean voltage");
        Assert.NotEmpty(row.GetProperty("notes").EnumerateArray());
        Assert.Equal("outside", row.GetProperty("status").GetString());
        Assert.Contains("outside training", row.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static string[] Shards(TinyPipeline pipeline) =>
        [
            .. Directory
                .GetFiles(pipeline.Data, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(f =>
                    $"{Path.GetRelativePath(pipeline.Data, f)} "
                    + $"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}"
                ),
        ];

    private static string[] Losses(TinyPipeline pipeline) =>
        [
            .. File.ReadLines(Path.Combine(pipeline.Model, "training.jsonl"))
                .Select(line =>
                {
                    var epoch = JsonDocument.Parse(line).RootElement;
                    return $"{epoch.GetProperty("trainLoss").GetRawText()} {epoch.GetProperty("validationLoss").GetRawText()}";
                }),
        ];

    private static string Scores(TinyPipeline pipeline)
    {
        var metrics = PipelineMetrics.Load(Path.Combine(pipeline.Model, "metrics.json"))!;
        return JsonSerializer.Serialize(new { metrics.Test, metrics.Validation }, Json.Options)
            + Convert.ToHexString(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(pipeline.Model, "model.onnx")))
            );
    }

    private static void Killed(TinyPipeline tiny, int afterEpoch)
    {
        var definition = Pipeline.Load(tiny.Definition);
        new Pipeline(
            definition,
            new PipelineSettings
            {
                DataDirectory = tiny.Data,
                ModelDirectory = tiny.Model,
                Listener = new Killer(afterEpoch),
            }
        ).Train();
    }

    private sealed class KilledException(int epoch) : Exception
    {
        public int Epoch => epoch;
    }

    /// <summary>Throws in the first step after an epoch: nothing in the loop catches it, as nothing catches SIGKILL.</summary>
    private sealed class Killer(int afterEpoch) : IPipelineListener
    {
        public void StageStarted(string name) { }

        public void StageProgressed(double fraction, string detail)
        {
            if (detail.StartsWith($"epoch {afterEpoch + 1} ", StringComparison.Ordinal))
                throw new KilledException(afterEpoch);
        }

        public void StageEnded(string summary) { }
    }
}
