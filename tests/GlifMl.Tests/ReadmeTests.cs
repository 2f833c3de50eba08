using GlifMl.Tests.Cli;
using GlifMl.Tests.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests;

/// <summary>What README shows is what runs.</summary>
[Collection(TorchTests.Name)]
public sealed class ReadmeTests
{
    private const string Source = "tests/GlifMl.Tests/ReadmeTests.cs";

    private static readonly ReadmeText Page = new("README.md");

    [Theory]
    [InlineData("dotnet run -c Release --project src/GlifMl.Cli -- run pipelines/quickstart.yaml")]
    [InlineData("dotnet test -c Release tests/GlifMl.Tests")]
    public void Commands_OfReadme_AreThoseOfCi(string command)
    {
        Assert.Contains($"```sh\n{command}\n```", Page.Text, StringComparison.Ordinal);
        Assert.Contains(command, File.ReadAllText(Glifml.Path(".ci/run")), StringComparison.Ordinal);
    }

    [Fact]
    public void Example_OfReadme_Runs()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate").Code);
        var path = Path.Combine(tiny.Data, "train");
        var (file, zip) = (tiny["mine.onnx"], tiny["mine.zip"]);

        // README's lines, but for the folder.
        var ml = new MLContext(seed: 1);
        var shards = ml.Data.LoadFromShards(path);
        var chain = ml
            .Transforms.ScaleTargets(
                "Label",
                ["C", "R_input"],
                new ScaleTargetsOptions { C = new(TargetScaleKind.Log), RInput = new(TargetScaleKind.Log) }
            )
            .Append(ml.Transforms.ScaleTrace("Features", "VoltageMv", new() { Mode = ScaleTraceMode.Asinh, Scale = [3] }))
            .Append(ml.Regression.Trainers.BiLstm(new BiLstmOptions { Hidden = 8, Epochs = 5 }))
            .Append(ml.Transforms.RestoreTargets("Parameters"));
        var model = chain.Fit(shards); // ml.Log hears each epoch
        var figures = ml.Regression.EvaluateTargets(model.Transform(shards)); // R2, chance and floor of each
        ml.Model.ExportToOnnx(model, shards.Schema, file);
        ml.Model.SaveForScoring(model, shards.Schema, zip); // reads rows without labels, and loads in stock ML.NET
        var answers = ml.Model.Load(zip, out _).Transform(shards);

        Assert.Equal(32, shards.GetRowCount());
        var scored = model.Transform(shards).GetColumn<float[]>("Parameters").ToArray();
        var stock = ml
            .Transforms.ApplyOnnxModel(["Parameters"], ["VoltageMv"], new MemoryStream(File.ReadAllBytes(file)))
            .Fit(shards)
            .Transform(shards)
            .GetColumn<float[]>("Parameters")
            .ToArray();
        for (var row = 0; row < scored.Length; row++)
        {
            for (var k = 0; k < 2; k++)
                Assert.InRange(stock[row][k] / scored[row][k], 1 - 1e-5, 1 + 1e-5);
        }

        foreach (var (ours, theirs) in scored.Zip(answers.GetColumn<float[]>("Parameters")))
            Assert.All(ours.Zip(theirs), pair => Assert.InRange(pair.Second / pair.First, 1 - 1e-5, 1 + 1e-5));
        Assert.Equal(["C", "R_input"], figures.Parameters.Keys);
        Page.AssertCodeIsIn(
            "ReadmeTests.Example",
            Source,
            source =>
                source
                    .Replace("LoadFromShards(path)", "LoadFromShards(\"datasets/shards/mine/train\")", StringComparison.Ordinal)
                    .Replace("Schema, file)", "Schema, \"mine.onnx\")", StringComparison.Ordinal)
                    .Replace("Schema, zip)", "Schema, \"mine.zip\")", StringComparison.Ordinal)
                    .Replace("Load(zip,", "Load(\"mine.zip\",", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Scoring_OfReadme_ReadsTraces()
    {
        using var tiny = new TinyPipeline();
        RunWithStimulus(tiny);
        var path = Path.Combine(tiny.Model, "model.onnx");
        var shards = ShardDataView.Open(Path.Combine(tiny.Data, "test"));
        var tracesMv = shards.GetColumn<float[]>("VoltageMv").ToArray();
        float[,] expected;
        {
            var (voltagesMv, stimuliPa) = (tracesMv, shards.GetColumn<float[]>("StimulusPa").ToArray());
            // The lines of README, but for the path.
            using var model = OnnxModel.Load(path);
            var parameters = model.Score(voltagesMv, stimuliPa); // [traces, 5], SI units
            expected = parameters;
        }

        Assert.Equal(8, expected.GetLength(0));
        Page.AssertCodeIsIn(
            "ReadmeTests.Scoring",
            Source,
            source => source.Replace("Load(path)", "Load(\"models/quickstart/model.onnx\")", StringComparison.Ordinal)
        );
    }

    private static void RunWithStimulus(TinyPipeline tiny)
    {
        var text = File.ReadAllText(tiny.Definition);
        File.WriteAllText(
            tiny.Definition,
            text.Replace(
                "  - scale-trace: {mode: asinh, scale: [3]}",
                "  - channels: {columns: [voltage, stimulus]}\n  - scale-trace: {mode: asinh, scale: [3, 100]}",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(0, tiny.Run("run").Code);
    }
}
