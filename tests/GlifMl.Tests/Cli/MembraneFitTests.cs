using System.Text.Json;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>Estimates of a membrane beside the trace, in whole runs.</summary>
[Collection(TorchTests.Name)]
public sealed class MembraneFitTests
{
    private const string Chain =
        "pipeline=[scale-targets: {C: log, El: standardise, R_input: log, dt: log, th_inf: standardise}, "
        + "channels: {columns: [voltage, stimulus]}, membrane-fit: {size: 10}, scale-trace: {mode: asinh, scale: [3, 100]}, "
        + "block-reduce: {size: 10, change: true, cut_fraction: true}, ";

    private static readonly string[] Recorded = ["--set", "dataset.trace.spike_cuts=keep", "--set", "dataset.splits.train.traces=64"];

    [Fact]
    public void Run_Beside_ReadsTheMembraneFromTheFirstEpochOn()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = tiny.Run(
            "run",
            [.. Recorded, "--json", "--set", Chain + "bilstm: {hidden: 3, batch: 8, epochs: 2, learning_rate: 1e-4}]"]
        );

        Assert.Equal(("", 0), (error, code));
        var metrics = JsonSerializer.Deserialize<PipelineMetrics>(output, GlifMl.Pipelines.Json.Options)!;
        // Eight test traces, and 64 to learn from: by itself this network is at chance.
        Assert.All(["C", "El", "R_input", "dt"], key => Assert.InRange(metrics.Test.Parameters[key].R2!.Value, 0.8, 1));
    }

    [Fact]
    public void Run_BesideKnownAndPosterior_IsToldAndRepeatsToTheBit()
    {
        using var tiny = new TinyPipeline();
        string[] more =
        [
            .. Recorded,
            "--set",
            "known=[dt]",
            "--set",
            "dataset.splits.train.source=simulate",
            "--set",
            Chain + "bilstm: {hidden: 3, batch: 8, epochs: 4, posterior: {components: 2}}]",
        ];
        Assert.Equal(0, tiny.Run("generate", more[..^2]).Code);
        var (code, _, error) = tiny.Run("train", more);
        Assert.Equal((0, ""), (code, error));
        var first = File.ReadAllBytes(Path.Combine(tiny.Model, "model.onnx"));
        using var model = OnnxModel.Load(Path.Combine(tiny.Model, "model.onnx"));
        Assert.Equal(["dt"], model.Info.Known.Select(k => k.Name));

        Assert.Equal(0, tiny.Run("train", [.. more, "--force"]).Code);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(tiny.Model, "model.onnx")));
    }

    [Fact]
    public void Run_AsFeatures_ServesTrees()
    {
        using var tiny = new TinyPipeline();
        var (code, _, error) = tiny.Run(
            "run",
            [
                .. Recorded,
                "--set",
                "pipeline=[channels: {columns: [voltage, stimulus]}, membrane-fit: {size: 10, beside: false}, fast-tree]",
            ]
        );
        Assert.Equal(("", 0), (error, code));
    }

    [Theory]
    [InlineData(
        "channels: {columns: [voltage, stimulus]}, membrane-fit, lightgbm",
        "found 'membrane-fit' beside the trace of trainer 'lightgbm'; expected bilstm, which corrects it, or beside: false, "
            + "which makes it the trainer's features"
    )]
    [InlineData(
        "channels: {columns: [voltage, stimulus]}, scale-trace, membrane-fit, bilstm",
        "found 'membrane-fit' behind 'scale-trace'; expected it before, because it reads the recorded voltage and stimulus"
    )]
    [InlineData(
        "channels: {columns: [voltage, stimulus]}, membrane-fit, membrane-fit, bilstm",
        "found 'membrane-fit' twice; expected it once"
    )]
    [InlineData(
        "channels: {columns: [voltage, stimulus]}, membrane-fit: {size: 0}, bilstm",
        "pipeline.membrane-fit.size: found 0; expected at least 1"
    )]
    public void Run_WrongPlace_IsRefusedInOneLine(string steps, string message)
    {
        using var tiny = new TinyPipeline();
        var (code, _, error) = tiny.Run("run", "--set", $"pipeline=[{steps}]");
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
