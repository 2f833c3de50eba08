using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Onnx;

/// <summary>The model that comes with a clone: models/flagship.</summary>
public sealed class ShippedModelTests
{
    private const int MostBytes = 2_000_000;

    private static readonly string Folder = Glifml.Path("models/flagship");

    private static string Model => Path.Combine(Folder, "model.onnx");

    [Fact]
    public void Model_OfAClone_IsSmallAndSaysWhatItIsTold()
    {
        Assert.InRange(new FileInfo(Model).Length, 1, MostBytes);
        using var model = OnnxModel.Load(Model);
        Assert.Equal(["C", "El", "R_input", "th_inf"], model.Info.Parameters.Select(p => p.Name));
        Assert.Equal(["dt"], model.Info.Known.Select(k => k.Name));
        Assert.NotNull(model.Info.Posterior);
        Assert.True(model.Info.ReadsStimulus);
    }

    [Fact]
    public void Metrics_BesideIt_AreItsOwn()
    {
        using var model = OnnxModel.Load(Model);
        var metrics = PipelineMetrics.Load(Path.Combine(Folder, "metrics.json"))!;
        Assert.Equal((model.Info.DataHash, model.Info.Chance), (metrics.DataHash, metrics.Test.Chance));
        Assert.Equal(new FileInfo(Model).Length, metrics.Model.OnnxBytes);
        Assert.Equal(model.Info.Parameters.Select(p => p.Name), metrics.Test.Parameters.Keys);
    }

    [Fact]
    public void Definition_ItWasTrainedFrom_IsTheOneHere()
    {
        var pipeline = new Pipeline(Pipeline.Load(Glifml.Path("pipelines/flagship.yaml")));
        using var model = OnnxModel.Load(Model);
        Assert.Equal(pipeline.DataHash, model.Info.DataHash);
        Assert.Equal(pipeline.DataHash, new Pipeline(Pipeline.Load(Path.Combine(Folder, "pipeline.yaml"))).DataHash);
    }

    [Fact]
    public void Score_RecordingsOfAClone_AreRead()
    {
        var (code, output, error) = Glifml.Run(
            "score",
            "--model",
            Model,
            Glifml.Path("datasets/recordings/526950199_sweep37.csv"),
            Glifml.Path("datasets/recordings/569469018_sweep44.csv"),
            "--json"
        );
        Assert.True(code == 0, error);
        Assert.Contains("\"R_input\"", output, StringComparison.Ordinal);
    }
}
