using System.Security.Cryptography;
using System.Text.Json;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>Training traces that are simulated as they are needed.</summary>
[Collection(TorchTests.Name)]
public sealed class EndlessTests
{
    private const string Endless = "dataset.splits.train.source=simulate";

    [Fact]
    public void Run_Endless_TrainsOnOtherTracesEachEpochAndKeepsNone()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", Endless);

        Assert.Equal(("", 0), (error, code));
        Assert.False(Directory.Exists(Path.Combine(tiny.Data, "train")));
        Assert.True(Directory.Exists(Path.Combine(tiny.Data, "test")));
        Assert.Contains("source: simulate", File.ReadAllText(Path.Combine(tiny.Model, "pipeline.yaml")), StringComparison.Ordinal);
        var epochs = Epochs(tiny);
        Assert.Equal([32L, 64, 96], epochs.Select(e => e.GetProperty("tracesSeen").GetInt64()));
        Assert.All(epochs, e => Assert.True(e.GetProperty("tracesPerSecond").GetDouble() > 0));
        // The score of the first epoch is that of shards, the next ones are not.
        using var shards = new TinyPipeline();
        Assert.Equal(0, shards.Run("run").Code);
        Assert.NotEqual(Hash(shards), Hash(tiny));
        Assert.Contains(
            "source: simulate",
            OnnxModel.Load(Path.Combine(tiny.Model, "model.onnx")).Info.Definition,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("pipeline.bilstm.threads=2")]
    [InlineData("pipeline.bilstm.threads=1")]
    [InlineData("dataset.splits.train.shown=2")]
    public void Run_EndlessResumed_EqualsAnUnbrokenRun(string threads)
    {
        using TinyPipeline whole = new(),
            broken = new();
        Assert.Equal(0, whole.Run("run", "--set", Endless, "--set", threads).Code);
        Assert.Equal(0, broken.Run("generate", "--set", Endless, "--set", threads).Code);
        var definition = Pipeline.Load(broken.Definition, [Endless, threads]);
        var settings = new PipelineSettings
        {
            DataDirectory = broken.Data,
            ModelDirectory = broken.Model,
            Listener = new Stopper("epoch 3 "),
        };
        Assert.Throws<OperationCanceledException>(() => new Pipeline(definition, settings).Train());

        Assert.Equal(0, broken.Run("run", "--resume", "--set", Endless, "--set", threads).Code);

        Assert.Equal(Hash(whole), Hash(broken));
        Assert.Equal(Losses(whole), Losses(broken));
    }

    [Fact]
    public void Run_EndlessWithNoiseAndStandardisedTraces_GoesThroughTheSameSteps()
    {
        using TinyPipeline one = new(),
            other = new();
        foreach (var tiny in new[] { one, other })
        {
            var (code, _, error) = tiny.Run(
                "run",
                "--set",
                Endless,
                "--set",
                "pipeline=[{scale-targets: {C: log}}, {channels: {columns: [voltage, stimulus]}}, "
                    + "{noise: {sd_mv: 1}}, {scale-trace: {mode: standardise}}, "
                    + "{block-reduce: {size: 10, cut_fraction: true}}, {bilstm: {hidden: 2, epochs: 2}}]"
            );
            Assert.Equal(("", 0), (error, code));
        }

        Assert.Equal(Losses(one), Losses(other));
    }

    [Theory]
    [InlineData("test", "expected shards, because what is scored has to stay the same")]
    [InlineData("validation", "expected shards, because what is scored has to stay the same")]
    public void Run_EndlessTest_IsRefusedWhereItStands(string split, string message)
    {
        using var tiny = new TinyPipeline();
        var text = File.ReadAllText(tiny.Definition)
            .Replace($"{split}: {{stimulus: noise, traces: 8}}", $"{split}: {{stimulus: noise, traces: 8, source: simulate}}");
        File.WriteAllText(tiny.Definition, text);
        var lines = text.Split('\n');
        var line = Array.FindIndex(
            lines,
            l => l.Contains("simulate", StringComparison.Ordinal) && l.Contains("source", StringComparison.Ordinal)
        );

        var (code, output, error) = tiny.Run("run");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            $"glifml: {tiny.Definition}:{line + 1}:{lines[line].IndexOf("simulate}", StringComparison.Ordinal) + 1}: "
                + $"dataset.splits.{split}.source: found 'simulate'; {message}",
            error.TrimEnd()
        );
        Assert.False(Directory.Exists(tiny.Data));
    }

    [Fact]
    public void Run_ShardsShownAgain_IsRefused()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = tiny.Run("run", "--set", "dataset.splits.train.shown=2");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            "glifml: --set dataset.splits.train.shown=2: dataset.splits.train.shown: found 2; "
                + "expected none, because only simulated traces (source: simulate) are not shown in every epoch",
            error.TrimEnd()
        );
    }

    [Fact]
    public void Run_EndlessForTrees_IsRefused()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", Endless, "--set", "pipeline=[trace-features, lightgbm]");

        Assert.Equal(2, code);
        Assert.Contains("found trainer 'lightgbm', which is fitted once; expected a network (bilstm, ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Run_EndlessLatinHypercube_IsRefused()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", Endless, "--set", "dataset.parameters.design=latin-hypercube");

        Assert.Equal(2, code);
        Assert.Contains("whose points come to an end (sobol, uniform and grid go on)", error, StringComparison.Ordinal);
    }

    private static JsonElement[] Epochs(TinyPipeline tiny) =>
        [.. File.ReadLines(Path.Combine(tiny.Model, "training.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string[] Losses(TinyPipeline tiny) =>
        [.. Epochs(tiny).Select(e => $"{e.GetProperty("trainLoss").GetRawText()} {e.GetProperty("validationLoss").GetRawText()}")];

    private static string Hash(TinyPipeline tiny) =>
        Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(tiny.Model, "model.onnx"))));

    /// <summary>Stops a run when it comes to an epoch.</summary>
    private sealed class Stopper(string epoch) : IPipelineListener
    {
        public void StageStarted(string name) { }

        public void StageProgressed(double fraction, string detail)
        {
            if (detail.StartsWith(epoch, StringComparison.Ordinal))
                throw new OperationCanceledException();
        }

        public void StageEnded(string summary) { }
    }
}
