using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Pipelines;
using GlifMl.Tests.Estimators;
using GlifMl.Tests.Onnx;
using GlifMl.Tests.Simulation;
using GlifMl.Tests.Torch;
using GlifMl.Torch;
using Microsoft.ML;
using Xunit.Abstractions;

namespace GlifMl.Tests.Pipelines.Catalog;

/// <summary>
/// Every estimator of the catalogue stands in a chain that is fitted, exported to one ONNX graph and saved as a stock ML.NET model; the
/// three must score alike. An estimator that is added is walked too, with its default options.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class CatalogWalkTests : IClassFixture<CatalogWalkTests.Shards>
{
    // Both keep the voltage and the current as channels without NaN, so any trainer can read them.
    private static readonly StepDefinition Channels = Step(
        "channels",
        new ChannelsOptions { Columns = [TraceChannel.Voltage, TraceChannel.Stimulus] }
    );
    private static readonly StepDefinition Blocks = Step("block-reduce", new BlockReduceOptions { Size = 5 });

    private readonly Shards _shards;
    private readonly ITestOutputHelper _output;

    public CatalogWalkTests(Shards shards, ITestOutputHelper output) => (_shards, _output) = (shards, output);

    public static TheoryData<string> Names => [.. EstimatorCatalog.Default.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Chain_InProcessOnnxAndStockModel_ScoreAlike(string name)
    {
        var definition = Definition(EstimatorCatalog.Default[name]);
        // The rules that a definition passes before it is trained let every entry through.
        Assert.Equal(name, Array.Find(new Pipeline(definition).Definition.Steps.ToArray(), step => step.Name == name)?.Name);
        var chain = Fit(definition);
        string[] outputs = [ChainContext.ParametersColumn];
        var expected = TestRows.Read(chain.ToTransformer().Transform(_shards.Test), outputs[0]);
        Assert.All(expected.SelectMany(row => row), value => Assert.True(float.IsFinite(value)));

        var onnx = OnnxExporter.Export(chain.Steps, chain.InputSchema, outputs);
        TraceRows.AssertClose(expected, TraceRows.Run(onnx, _shards.Test, outputs[0]), 1e-5);
        if (PythonOnnxFactAttribute.IsHere)
            PythonOnnxFactAttribute.Check(onnx);

        var zip = Path.Combine(_shards.Folder, name + ".zip");
        StockModel.Save(zip, onnx, chain.InputSchema, OnnxExporter.InputsOf(chain.Steps, chain.InputSchema, outputs), outputs);
        var ml = new MLContext(1) { TempFilePath = _shards.Folder };
        var stock = ml.Model.Load(zip, out _);
        TraceRows.AssertClose(expected, TestRows.Read(stock.Transform(_shards.Test), outputs[0]), 1e-5);
        (stock as IDisposable)?.Dispose();
    }

    [Theory]
    [InlineData("ml.light-gbm", "Booster", "DartBooster")]
    [InlineData("ml.light-gbm", "Booster", "GossBooster")]
    [InlineData("ml.online-gradient-descent", "LossFunction", "PoissonLoss")]
    public void Options_ThatAreObjects_AreChosenByTheirClass(string name, string option, string choice)
    {
        var entry = EstimatorCatalog.Default[name];
        var property = entry.OptionsType.GetProperty(option)!;
        var chosen = Enum.Parse(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, choice);
        var definition = Definition(entry);
        var steps = definition.Steps.SkipLast(1).Append(Step(name, With(name, option, chosen)));

        var chain = Fit(definition with { Steps = [.. steps] });

        Assert.NotEmpty(OnnxExporter.Export(chain.Steps, chain.InputSchema, [ChainContext.ParametersColumn]));
    }

    [Fact]
    public void Augmentation_IsNoStepOfTheModelAndNotInValidation()
    {
        var definition = _shards.Definition with
        {
            Steps = [Step("noise", null), Step("trace-features", new TraceFeaturesOptions()), Step("mean", null)],
        };
        var context = new ChainContext
        {
            Ml = new MLContext(1),
            Targets = definition.Targets,
            Seed = 1,
            Run = new TrainingRun(),
        };
        var chain = FittedChain.Fit(definition, EstimatorCatalog.Default, context, _shards.Train, _shards.Test);
        Assert.DoesNotContain(chain.Steps, s => s is NoiseTransformer);
        Assert.Equal(TestRows.Read(_shards.Test, "VoltageMv"), TestRows.Read(context.Validation!, "VoltageMv"));
    }

    // [Range(0, 1)] picks the constructor of whole numbers, which would round 0.4 to 0 before it looks.
    [Fact]
    public void Options_RangeOfARealNumber_IsOneOfRealNumbers()
    {
        var ranges = EstimatorCatalog
            .Default.Entries.SelectMany(e => e.OptionsType.GetProperties())
            .Where(p => (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) == typeof(double))
            .SelectMany(p => p.GetCustomAttributes<RangeAttribute>());
        Assert.All(ranges, r => Assert.Equal(typeof(double), r.OperandType));
        Assert.NotEmpty(ranges);
    }

    private PipelineDefinition Definition(EstimatorEntry entry) =>
        !entry.OptionsType.IsSubclassOf(typeof(StockOptions)) ? _shards.Definition with { Steps = Chain(entry) }
        : entry.Role == EstimatorRole.Trainer
            ? _shards.Definition with
            {
                // Counts and amounts, which some of ML.NET's trainers are for, are never negative.
                Targets = ["C", "R_input", "dt", "th_inf"],
                Steps =
                [
                    Step("scale-targets", Amounts),
                    Channels,
                    Step("trace-features", null),
                    Step("ml.normalize-mean-variance", null),
                    Step(entry.Name, null),
                ],
            }
        : StockChains(entry.Name).First(CanBeFitted);

    // A step may ask for keys, which are made from numbers of few values, and may give what only another can read.
    private IEnumerable<PipelineDefinition> StockChains(string name)
    {
        StepDefinition[] keys =
        [
            Step("ml.normalize-binning", With("ml.normalize-binning", "MaximumBinCount", 4)),
            Step("ml.map-value-to-key", null),
        ];
        StepDefinition[] features = [Step("trace-features", null)];
        var ofCategories = StockCatalog.Steps.Single(s => s.Name == name).IsOfCategories;
        // The trace itself has samples that are missing, where its features have none.
        StepDefinition[][] befores = ofCategories
            ?
            [
                [.. features, keys[0]],
                [.. features, .. keys],
                features,
            ]
            : [features, [], [.. features, Step("ml.normalize-mean-variance", null)]];
        StepDefinition[][] afters =
        [
            [],
            [Step("ml.map-key-to-vector", null)],
            [Step("ml.convert-type", null)],
        ];
        foreach (var before in befores)
        {
            foreach (var after in afters)
                yield return _shards.Definition with
                {
                    Steps = [Step("scale-targets", Scales), Channels, .. before, Step(name, null), .. after, Step("linear", null)],
                };
        }
    }

    private bool CanBeFitted(PipelineDefinition definition)
    {
        try
        {
            var scored = Fit(definition).ToTransformer().Transform(_shards.Test);
            return TestRows.Read(scored, ChainContext.ParametersColumn).TrueForAll(row => Array.TrueForAll(row, float.IsFinite));
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or InvalidOperationException)
        {
            _output.WriteLine($"{string.Join(", ", definition.Steps.Skip(2).Select(s => s.Name))}: {e.Message}");
            return false;
        }
    }

    private FittedChain Fit(PipelineDefinition definition)
    {
        var context = new ChainContext
        {
            Ml = new MLContext(1),
            Targets = definition.Targets,
            Seed = 1,
            Run = new TrainingRun(),
        };
        return FittedChain.Fit(definition, EstimatorCatalog.Default, context, _shards.Train, _shards.Test);
    }

    private static StockOptions With(string name, string option, object value)
    {
        var options = (StockOptions)Activator.CreateInstance(EstimatorCatalog.Default[name].OptionsType)!;
        options.Set(option, value);
        return options;
    }

    private static ScaleTargetsOptions Amounts =>
        new()
        {
            C = new(TargetScaleKind.Fixed, 1e10),
            RInput = new(TargetScaleKind.Fixed, 1e-8),
            Dt = new(TargetScaleKind.Fixed, 1e4),
            ThInf = new(TargetScaleKind.Fixed, 1e2),
        };

    private static StepDefinition[] Chain(EstimatorEntry entry)
    {
        var step = Step(entry.Name, null);
        return entry.Role switch
        {
            EstimatorRole.Label => [step, Channels, Blocks, Step("linear", null)],
            // Its equation goes from one simulated sample to the next.
            EstimatorRole.Trace when entry.Name == "channels" => [Step("scale-targets", Scales), step, Blocks, Step("linear", null)],
            EstimatorRole.Trainer when entry.Name == "closed-form" => [Step("scale-targets", Scales), Channels, step],
            EstimatorRole.Trainer => [Step("scale-targets", Scales), Channels, Blocks, step],
            // Beside the trace, for a network.
            EstimatorRole.Trace when entry.Name == "membrane-fit" =>
            [
                Step("scale-targets", Scales),
                Channels,
                step,
                Blocks,
                Step("bilstm", null),
            ],
            // What follows trace-features is no trace, and has no NaN.
            EstimatorRole.Trace when entry.Name == "trace-features" =>
            [
                Step("scale-targets", Scales),
                Channels,
                step,
                Step("linear", null),
            ],
            _ => [Step("scale-targets", Scales), Channels, step, Blocks, Step("linear", null)],
        };
    }

    private static ScaleTargetsOptions Scales
    {
        get
        {
            var log = new TargetScale(TargetScaleKind.Log);
            return new()
            {
                C = log,
                El = new(TargetScaleKind.Standardise),
                RInput = log,
                Dt = log,
                ThInf = log,
            };
        }
    }

    // The options that make a step do something, or do it quickly; any other step has its defaults.
    private static StepDefinition Step(string name, object? options)
    {
        options ??= name switch
        {
            "channels" => Channels.Options,
            "crop" => new CropOptions { Start = 20, Samples = 250 },
            "scale-targets" => Scales,
            // As many slots as there are hashes.
            "ml.hash" => With(name, "NumberOfBits", 4),
            "ml.drop-columns" => With(name, "ColumnNames", new[] { "Channels" }),
            "ml.select-columns" => With(name, "ColumnNames", new[] { ChainContext.LabelColumn, "TraceFeatures" }),
            _ => Activator.CreateInstance(EstimatorCatalog.Default[name].OptionsType)!,
        };
        return new(name, options is TrainerOptions trainer ? trainer with { Epochs = 1 } : options, new SourceMark("tiny.yaml", 1, 1));
    }

    /// <summary>A tiny dataset with spike cuts and its own current for each trace, simulated once.</summary>
    public sealed class Shards : IDisposable
    {
        public Shards()
        {
            Folder = Directory.CreateTempSubdirectory("glifml-catalog-").FullName;
            var path = Path.Combine(Folder, "tiny.yaml");
            File.WriteAllText(
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""
                    dataset:
                      neuron: {{Neurons.Path(1)}}
                      parameters:
                        design: sobol
                        ranges:
                          C:       {min: 30e-12, max: 400e-12, scale: log}
                          El:      {min: -0.010, max: 0.010}
                          R_input: {min: 60e6, max: 600e6, scale: log}
                          dt:      {min: 50e-6, max: 200e-6, scale: log}
                          th_inf:  {min: 0.008, max: 0.045, scale: log}
                      trace: {samples: 300, dt: live, spike_cut: time, spike_cuts: keep, stimulus: true}
                      splits:
                        train: {stimulus: {name: noise, seed: per-trace, mean_pA: {min: 60, max: 500}, cv: 0.2}, traces: 80}
                        test:  {stimulus: {name: noise, seed: per-trace, mean_pA: {min: 60, max: 500}, cv: 0.2}, traces: 24}
                    pipeline: [mean]
                    """
                )
            );
            Definition = Pipeline.Load(path);
            var pipeline = new Pipeline(
                Definition,
                new PipelineSettings { DataDirectory = Path.Combine(Folder, "shards"), ModelDirectory = Folder }
            );
            pipeline.Generate();
            (Train, Test) = (pipeline.Open("train"), pipeline.Open("test"));
        }

        public string Folder { get; }

        public PipelineDefinition Definition { get; }

        public ShardDataView Train { get; }

        public ShardDataView Test { get; }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
