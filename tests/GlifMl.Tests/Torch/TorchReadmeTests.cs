using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using Microsoft.ML;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch;

/// <summary>What the README of the networks shows is what runs.</summary>
[Collection(TorchTests.Name)]
public sealed class TorchReadmeTests
{
    private static readonly ReadmeText Readme = new("src/GlifMl.Torch/README.md");

    public TorchReadmeTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Example_OfReadme_TrainsAndSaves()
    {
        using var folder = new TempFolder();
        var (train, validation) = (TinyTraces.View(TinyTraces.Rows(60)), TinyTraces.View(TinyTraces.Rows(20, seed: 2)));
        var ml = new MLContext(1);

        // README's lines, but for the folder.
        var trainer = ml.Regression.Trainers.TorchModule(
            new TorchModuleOptions
            {
                Epochs = 30,
                LearningRate = 2e-2,
                Seed = 7,
            },
            () =>
                nn.Sequential(
                    ("states", SequenceReadOut.WholeSequence(nn.GRU(2, 8, batchFirst: true))),
                    ("pool", new AttentionPooling(8)), // a layer of your own
                    ("head", nn.Linear(8, 2))
                ),
            validation: validation
        );
        using var model = trainer.Fit(train);
        File.WriteAllBytes(folder["model.onnx"], OnnxExporter.Export([model], train.Schema, ["Score"]));
        ml.Model.Save(model, train.Schema, folder["model.zip"]); // loads where there is only Microsoft.ML.OnnxTransformer and OnnxRuntime

        Assert.True(trainer.History[^1].TrainLoss < 0.5 * trainer.History[0].TrainLoss);
        Assert.NotNull(new MLContext().Model.Load(folder["model.zip"], out _));
        Readme.AssertCodeIsIn(
            "TorchReadmeTests.Example",
            "tests/GlifMl.Tests/Torch/TorchReadmeTests.cs",
            line =>
                line.Replace("folder[\"model.onnx\"]", "\"model.onnx\"", StringComparison.Ordinal)
                    .Replace("folder[\"model.zip\"]", "\"model.zip\"", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void OwnLayer_OfReadme_IsTheTestedOne() =>
        Readme.AssertCodeIsIn("AttentionPooling", "tests/GlifMl.Tests/Torch/Modules/AttentionPooling.cs");

    [Fact]
    public void SupportedLayers_OfReadme_AreAllThereAre() =>
        Assert.Contains(
            $"Supported: {string.Join(", ", TorchOnnxContext.SupportedLayers)}.",
            Readme.Text.Replace("\n", " ", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
}
