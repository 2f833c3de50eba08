using GlifMl.Pipelines;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Pipelines.Scoring;

/// <summary>Models of this repository's definitions, small, score by the kernel what they score by OnnxRuntime.</summary>
[Collection(TorchTests.Name)]
public sealed class EveryPipelineTests : IDisposable
{
    private static readonly string[] Small =
    [
        "dataset.trace.samples=600",
        "dataset.trace.simulate=760",
        "dataset.splits.train.traces=24",
        "dataset.splits.validation.traces=8",
        "dataset.splits.test.traces=20",
        "dataset.shard_rows=20",
        "dataset.hold_out=~",
        "pipeline.bilstm.epochs=1",
    ];

    private readonly TempFolder _folder = new();

    /// <summary>Those with an LSTM; of the others there is nothing for the kernel.</summary>
    public static TheoryData<string> Definitions =>
        [
            .. Directory
                .GetFiles(Glifml.Path("pipelines"), "*.yaml", SearchOption.AllDirectories)
                .Where(path => !RunList.IsRunList(path) && Pipeline.Load(path).Steps.Any(step => step.Name == "bilstm"))
                .Select(path => Path.GetRelativePath(Glifml.Path("pipelines"), path))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Definitions))]
    public void Score_ByTheKernel_EqualsOnnxRuntime(string name)
    {
        var settings = new PipelineSettings { ModelDirectory = _folder["model"], DataDirectory = _folder["data"] };
        var pipeline = new Pipeline(Pipeline.Load(Glifml.Path($"pipelines/{name}"), Small), settings);
        pipeline.Generate();
        pipeline.Train();
        var shards = ShardDataView.Open(Path.Combine(_folder["data"], "test"));

        using var kernel = OnnxModel.Load(pipeline.Model.Onnx, new OnnxModelOptions { Engine = OnnxEngine.Kernel });
        using var runtime = OnnxModel.Load(pipeline.Model.Onnx, new OnnxModelOptions { Engine = OnnxEngine.OnnxRuntime });
        var (ours, theirs) = (Scores(kernel, shards), Scores(runtime, shards));

        for (var k = 0; k < runtime.Info.Parameters.Count; k++)
        {
            var scale = theirs.Max(row => Math.Abs(row[k]));
            Assert.All(ours.Zip(theirs), pair => Assert.InRange(Math.Abs(pair.First[k] - pair.Second[k]), 0, 1e-5 * scale));
        }
    }

    private static float[][] Scores(OnnxModel model, ShardDataView shards) =>
        [
            .. ShardRows
                .Map(shards, model.Info.GraphInputs, batch => ShardRows.Score(model, batch))
                .SelectMany(scores => Enumerable.Range(0, scores.GetLength(0)).Select(row => OnnxModel.Row(scores, row).ToArray())),
        ];
}
