using GlifMl.Onnx.Protos;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Torch;
using Microsoft.ML;

namespace GlifMl.Tests.Pipelines.Stages;

/// <summary>An evaluated model knows its chance and floor.</summary>
[Collection(TorchTests.Name)]
public sealed class ModelBoundsTests
{
    [Fact]
    public void Evaluate_ATrainedModel_TellsItItsChanceAndLeavesItsGraph()
    {
        using var tiny = new TinyPipeline();
        var folder = new ModelDirectory(tiny.Model);
        Assert.Equal(0, tiny.Run("generate").Code);
        Assert.Equal(0, tiny.Run("train").Code);
        Assert.Equal((null, null), Bounds(folder));
        var trained = ModelEnvelope.Parser.ParseFrom(File.ReadAllBytes(folder.Onnx));

        Assert.Equal(0, tiny.Run("evaluate").Code);

        var metrics = PipelineMetrics.Load(folder.Metrics)!;
        // The traces are all different: the best possible score is not known.
        Assert.Equal((metrics.Test.Chance, null), Bounds(folder));
        var evaluated = ModelEnvelope.Parser.ParseFrom(File.ReadAllBytes(folder.Onnx));
        Assert.Equal(trained.Graph, evaluated.Graph);
        Assert.Equal(new FileInfo(folder.Onnx).Length, metrics.Model.OnnxBytes);
        Assert.True(File.GetLastWriteTimeUtc(folder.Metrics) >= File.GetLastWriteTimeUtc(folder.Onnx));
        Assert.Equal(metrics.Test.Chance, new Pipeline(Pipeline.Load(tiny.Definition), Settings(tiny)).Finished()?.Test.Chance);
    }

    [Fact]
    public void Evaluate_AnEvaluatedModel_WritesNeitherOfItsFiles()
    {
        using var tiny = new TinyPipeline();
        var folder = new ModelDirectory(tiny.Model);
        Assert.Equal(0, tiny.Run("run").Code);
        var old = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(folder.Onnx, old);
        File.SetLastWriteTimeUtc(folder.Zip, old);

        Assert.Equal(0, tiny.Run("evaluate").Code);

        Assert.Equal((old, old), (File.GetLastWriteTimeUtc(folder.Onnx), File.GetLastWriteTimeUtc(folder.Zip)));
    }

    [Fact]
    public void Write_EqualInputs_HaveAFloor()
    {
        using var tiny = new TinyPipeline();
        var folder = new ModelDirectory(tiny.Model);
        Assert.Equal(0, tiny.Run("run").Code);
        var test = PipelineMetrics.Load(folder.Metrics)!.Test with { Chance = 1.7421, Floor = 1.60025, DistinctInputs = 3 };

        using (var model = OnnxModel.Load(folder.Onnx))
            ModelBounds.Write((_, change) => change(), folder, model.Info, test);

        Assert.Equal((1.7421, 1.60025), Bounds(folder));
        var ml = new MLContext(1) { TempFilePath = tiny.Model };
        var stock = ml.Model.Load(folder.Zip, out var schema);
        using var _ = stock as IDisposable;
        using var again = OnnxModel.Load(folder.Onnx);
        Assert.Equal(again.Info.Inputs, schema.Select(column => column.Name));
        Assert.Contains(OnnxModelInfo.ParametersColumn, stock.GetOutputSchema(schema).Select(column => column.Name));
    }

    private static (double? Chance, double? Floor) Bounds(ModelDirectory folder)
    {
        using var model = OnnxModel.Load(folder.Onnx);
        return (model.Info.Chance, model.Info.Floor);
    }

    private static PipelineSettings Settings(TinyPipeline tiny) => new() { ModelDirectory = tiny.Model, DataDirectory = tiny.Data };
}
