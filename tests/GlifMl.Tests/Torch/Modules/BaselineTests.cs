using GlifMl.Tests.Datasets;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Torch.Modules;

[Collection(TorchTests.Name)]
public sealed class BaselineTests
{
    // Parameters by hand, for 20 blocks of 5 channels and 5 targets: Linear n m + m, GRU 3 h (c + h + 2) a direction,
    // Conv1d out in kernel + out, batch and layer normalisation 2 n.
    [Theory]
    [InlineData("mlp", (100 * 128) + 128 + (128 * 64) + 64 + (64 * 5) + 5)]
    [InlineData("gru", (2 * 3 * 32 * (5 + 32 + 2)) + (2 * 128) + (128 * 5) + 5)]
    [InlineData("cnn", (16 * 5 * 7) + 16 + 32 + (32 * 16 * 7) + 32 + 64 + (32 * 32 * 7) + 32 + 64 + (2 * 32 * 5) + 5)]
    public void Run_QuickstartBaseline_EndsInAModelOfTheNetworksSize(string trainer, int parameters)
    {
        using var folder = new TempFolder();
        var definition = Pipeline.Load(
            Path.Combine(Neurons.Root, "pipelines", "baselines", $"quickstart-{trainer}.yaml"),
            [
                "dataset.trace.samples=400",
                "dataset.trace.simulate=500",
                "dataset.splits.train.traces=16",
                "dataset.splits.validation.traces=4",
                "dataset.splits.test.traces=8",
                $"pipeline.{trainer}.epochs=1",
                $"pipeline.{trainer}.threads=1",
            ]
        );
        var metrics = new Pipeline(
            definition,
            new PipelineSettings { ModelDirectory = folder["model"], DataDirectory = folder["data"] }
        ).Run();
        Assert.Equal($"quickstart-{trainer}", definition.Name);
        Assert.Equal(parameters, metrics.Model.Parameters);
        Assert.Equal(8, metrics.Test.Rows);
    }
}
