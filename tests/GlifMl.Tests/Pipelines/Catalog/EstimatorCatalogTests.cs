using GlifMl.Pipelines;
using GlifMl.Tests.Pipelines.Generation;
using GlifMl.Torch;
using Microsoft.ML;

namespace GlifMl.Tests.Pipelines.Catalog;

public sealed class EstimatorCatalogTests : IDisposable
{
    private readonly GridFolder _folder = new();

    [Fact]
    public void Add_FromOutside_RunsInADefinitionUpToOnnx()
    {
        var catalog = ConstantTrainer.Catalog();
        var path = _folder.Write(
            "constant.yaml",
            GridFolder
                .Yaml()
                .Replace("bilstm: {hidden: 2}", "scale-targets: {C: 1e9}\n  - constant: {value: 0.5}", StringComparison.Ordinal)
        );
        var pipeline = new Pipeline(
            Pipeline.Load(path, catalog: catalog),
            new PipelineSettings
            {
                ModelDirectory = Path.Combine(_folder.Root, "model"),
                DataDirectory = Path.Combine(_folder.Root, "shards"),
            },
            catalog
        );
        var metrics = pipeline.Run();

        using var model = OnnxModel.Load(pipeline.Model.Onnx);
        var scores = model.Score(new float[2 * 100]);
        Assert.Equal([0.5e-9f, 0.5f], [scores[1, 0], scores[1, 1]]);
        Assert.True(File.Exists(pipeline.Model.Zip));
        // C is 0.1 or 0.2 nF: always answering 0.5 errs by 0.4 and 0.3.
        Assert.Equal((0.16 + 0.09) / 2, metrics.Test.Parameters["C"].MseScaled, 1e-6);
    }

    [Fact]
    public void Add_FromOutside_IsCheckedAndDocumentedLikeTheRest()
    {
        var catalog = ConstantTrainer.Catalog();
        var path = _folder.Write(
            "constant.yaml",
            GridFolder.Yaml().Replace("bilstm: {hidden: 2}", "constant: {valu: 11}", StringComparison.Ordinal)
        );
        var e = Assert.Throws<DefinitionException>(() => Pipeline.Load(path, catalog: catalog));
        Assert.EndsWith("constant.yaml:15:16: found unknown key 'valu'; did you mean 'value'?", e.Message, StringComparison.Ordinal);
        Assert.Equal("The score of every label. Default 0.", EstimatorDocumentation.Of(catalog, "constant").Options.Single().Meaning);
    }

    [Fact]
    public void Create_OptionsWithAndWithoutASeed_HaveTheirOwnOrTheDefinitions()
    {
        var seeds = new List<int?>();
        var catalog = new EstimatorCatalog();
        catalog.Add<LinearOptions>(
            "seen",
            EstimatorRole.Trainer,
            "Notes its seed.",
            (options, chain) =>
            {
                seeds.Add(options.Seed);
                return chain.Ml.Regression.Trainers.Linear(options);
            }
        );
        var context = new ChainContext
        {
            Ml = new MLContext(5),
            Targets = ["C"],
            Seed = 5,
            Run = new TrainingRun(),
        };

        catalog["seen"].Create(new LinearOptions(), context);
        catalog["seen"].Create(new LinearOptions { Seed = 0, Iterations = 7 }, context);

        Assert.Equal([5, 0], seeds);
    }

    [Fact]
    public void Add_OwnCatalog_LeavesTheDefaultAlone()
    {
        Assert.Contains("constant", ConstantTrainer.Catalog().Names);
        Assert.DoesNotContain("constant", EstimatorCatalog.Default.Names);
    }

    [Fact]
    public void Add_TakenName_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() =>
            new EstimatorCatalog().Add<ConstantOptions>("bilstm", EstimatorRole.Trainer, "", (_, _) => throw new NotSupportedException())
        );
        Assert.StartsWith("found estimator 'bilstm' in the catalogue already; expected a new name", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pipeline_StepThatCannotBecomeOnnx_IsRefusedBeforeAnythingIsFitted()
    {
        var catalog = ConstantTrainer.Catalog();
        catalog.Add<ConstantOptions>(
            "kernel-map",
            EstimatorRole.Trace,
            "A stock transform without an ONNX form.",
            (_, c) => c.Ml.Transforms.ApproximatedKernelMap(c.AddTrace("Mapped"), "VoltageMv")
        );
        var path = _folder.Write(
            "constant.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", "- kernel-map\n  - constant", StringComparison.Ordinal)
        );
        var e = Assert.Throws<DefinitionException>(() => new Pipeline(Pipeline.Load(path, catalog: catalog), catalog: catalog));
        Assert.Equal(
            $"{path}:15:5: found step 'kernel-map', which is fitted to ApproximatedKernelTransformer and cannot be written as ONNX; "
                + "expected a transformer that is IOnnxExportable, or one of ML.NET's own that has ONNX nodes",
            e.Message
        );
    }

    [Fact]
    public void Pipeline_OptionsThatAnEstimatorRefuses_AreReportedWithTheirPlace()
    {
        var catalog = ConstantTrainer.Catalog();
        catalog.Add<ConstantOptions>(
            "choosy",
            EstimatorRole.Trace,
            "Refuses.",
            (_, _) => throw new ArgumentException("found 0; expected more")
        );
        var path = _folder.Write(
            "constant.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", "- choosy\n  - constant", StringComparison.Ordinal)
        );
        var e = Assert.Throws<DefinitionException>(() => new Pipeline(Pipeline.Load(path, catalog: catalog), catalog: catalog));
        Assert.Equal($"{path}:15:5: step 'choosy': found 0; expected more", e.Message);
    }

    [Fact]
    public void Pipeline_ChainOfEstimators_IsJudgedByItsLast()
    {
        var catalog = ConstantTrainer.Catalog();
        catalog.Add<ConstantOptions>(
            "copied",
            EstimatorRole.Trainer,
            "A chain.",
            (_, c) =>
                new ConstantTrainer(c.Ml, c.Trace, "Inner", c.Targets.Count, 0).Append(
                    c.Ml.Transforms.CopyColumns(ChainContext.ScoreColumn, "Inner")
                )
        );
        var path = _folder.Write("constant.yaml", GridFolder.Yaml().Replace("bilstm: {hidden: 2}", "copied", StringComparison.Ordinal));
        Assert.Equal("small", new Pipeline(Pipeline.Load(path, catalog: catalog), catalog: catalog).Definition.Name);
    }

    [Theory]
    [InlineData(
        "crop: {start: 30}",
        "found 'crop' before 'closed-form'; expected its start to be 0, not 30, because the time step follows from the length of "
            + "the first pulse"
    )]
    [InlineData(
        "resample: {factor: 4}",
        "found 'resample' before 'closed-form'; expected it to join no samples, where it joins 4, because its equation goes from "
            + "one simulated sample to the next"
    )]
    [InlineData(
        "scale-trace: {mode: asinh}",
        "found 'scale-trace' before 'closed-form'; expected none, because its equation reads mV and pA"
    )]
    [InlineData("trace-features", "found 'trace-features' before 'closed-form'; expected none, because its equation reads a trace")]
    [InlineData(
        "block-reduce",
        "found 'block-reduce' before 'closed-form'; expected it to join no samples, where it joins 20, because its equation goes "
            + "from one simulated sample to the next"
    )]
    public void Pipeline_ClosedFormWithoutItsClock_IsRefusedBeforeAnythingIsFitted(string step, string message)
    {
        var path = _folder.Write(
            "closed.yaml",
            GridFolder
                .Yaml()
                .Replace(
                    "- bilstm: {hidden: 2}",
                    $"- channels: {{columns: [voltage, stimulus]}}\n  - {step}\n  - closed-form",
                    StringComparison.Ordinal
                )
        );
        Assert.Equal($"{path}:16:5: {message}", Assert.Throws<DefinitionException>(() => new Pipeline(Pipeline.Load(path))).Message);
    }

    [Theory]
    [InlineData("crop: {samples: 90}")]
    [InlineData("resample: {factor: 1}")]
    public void Pipeline_ClosedFormWithItsClock_IsAllowed(string step)
    {
        var path = _folder.Write(
            "closed.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", $"- {step}\n  - closed-form", StringComparison.Ordinal)
        );
        Assert.Equal("closed-form", new Pipeline(Pipeline.Load(path)).Definition.Steps[^1].Name);
    }

    [Theory]
    [InlineData(
        "crop: {samples: 90}",
        "channels",
        "found 'channels' behind 'crop'; expected it before, because it reads the recorded voltage and stimulus"
    )]
    [InlineData(
        "channels",
        "channels",
        "found 'channels' behind 'channels'; expected it before, because it reads the recorded voltage and stimulus"
    )]
    [InlineData("scale-trace", "noise", "found 'noise' behind 'scale-trace'; expected it before, because it is in mV a sample")]
    [InlineData("block-reduce", "noise", "found 'noise' behind 'block-reduce'; expected it before, because it is in mV a sample")]
    [InlineData("trace-features", "noise", "found 'noise' behind 'trace-features'; expected it before, because it is in mV a sample")]
    public void Pipeline_StepBehindOneThatUndoesIt_IsRefusedBeforeAnythingIsFitted(string first, string second, string message)
    {
        var path = _folder.Write(
            "order.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", $"- {first}\n  - {second}\n  - mean", StringComparison.Ordinal)
        );
        Assert.Equal($"{path}:16:5: {message}", Assert.Throws<DefinitionException>(() => new Pipeline(Pipeline.Load(path))).Message);
    }

    [Theory]
    [InlineData("noise", "channels: {columns: [voltage, stimulus]}")]
    [InlineData("channels", "noise: {sd_mv: 1}")]
    [InlineData("crop: {samples: 90}", "noise")]
    public void Pipeline_NoiseInMillivolts_IsAllowed(string first, string second)
    {
        var path = _folder.Write(
            "order.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", $"- {first}\n  - {second}\n  - mean", StringComparison.Ordinal)
        );
        Assert.Equal(3, new Pipeline(Pipeline.Load(path)).Definition.Steps.Count);
    }

    [Theory]
    [InlineData("[stimulus, voltage]")]
    [InlineData("[voltage, voltage]")]
    [InlineData("[stimulus]")]
    public void Load_ChannelsWithoutTheVoltageFirst_AreRefused(string columns)
    {
        var path = _folder.Write(
            "order.yaml",
            GridFolder.Yaml().Replace("- bilstm: {hidden: 2}", $"- channels: {{columns: {columns}}}\n  - mean", StringComparison.Ordinal)
        );
        var quoted = string.Join(", ", columns.Trim('[', ']').Split(", ").Select(column => $"'{column}'"));
        Assert.Equal(
            $"{path}:15:25: pipeline.channels.columns: found [{quoted}]; expected [voltage] or [voltage, stimulus]",
            Assert.Throws<DefinitionException>(() => Pipeline.Load(path)).Message
        );
    }

    public void Dispose() => _folder.Dispose();
}
