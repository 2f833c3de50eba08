using System.Collections;
using CsCheck;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

public sealed class DefinitionWriterTests : IDisposable
{
    private static readonly Gen<double> Number = Gen.Double[-1e12, 1e12];
    private static readonly Gen<double> Positive = Gen.Double[1e-12, 1e12];
    private static readonly Gen<NumberRange> Range =
        from min in Positive
        from width in Gen.OneOf(Gen.Const(0.0), Positive)
        from log in Gen.Bool
        select width == 0
            ? NumberRange.Fixed(min)
            : new NumberRange
            {
                Min = min,
                Max = min + width,
                Scale = log ? RangeScale.Log : RangeScale.Linear,
            };

    private static readonly Gen<NetworkOptions> Network =
        from hidden in Gen.Int[1, 1024]
        from rate in Positive
        from readOut in Gen.Enum<ReadOut>()
        from clip in Gen.OneOf(Gen.Const((double?)null), Number.Select(x => (double?)x))
        select new NetworkOptions
        {
            Hidden = hidden,
            LearningRate = rate,
            ReadOut = readOut,
            ClipNorm = clip,
        };

    private static readonly Gen<EverythingOptions> Everything =
        from flag in Gen.Bool
        from big in Gen.Long
        from narrow in Gen.Float[-1e30f, 1e30f]
        from wide in Gen.OneOf(Number, Gen.Const(double.PositiveInfinity), Gen.Const(double.Epsilon))
        from text in Gen.OneOf(
            Gen.String[Gen.Char[' ', '~'], 0, 90],
            Pick("", "~", "null", "true", "5", "a: b", " # no", "- x", "é\n\tß", "'", "\"")
        )
        from maybe in Pick(null, "", "no")
        from limit in Gen.OneOf(Gen.Const((double?)null), Number.Select(x => (double?)x))
        from numbers in Number.Array[0, 4]
        from count in Gen.Int
        from inner in Network
        from layers in Network.Array[0, 2]
        select new EverythingOptions
        {
            Flag = flag,
            Big = big,
            Narrow = narrow,
            Wide = wide,
            Text = text,
            Maybe = maybe,
            Limit = limit,
            Numbers = numbers,
            Counts = new Dictionary<string, int> { ["a b"] = count, ["null"] = 1 },
            Inner = inner,
            Layers = layers,
        };

    private static readonly Gen<TraceDefinition> Trace =
        from samples in Gen.Int[1, 1000]
        from more in Gen.Int[0, 1000]
        from live in Gen.Bool
        from rate in Positive
        from cuts in Gen.Enum<SpikeCuts>()
        from fill in Number
        from unit in Gen.Enum<SpikeCutUnit>()
        from stimulus in Gen.Bool
        select new TraceDefinition
        {
            Samples = samples,
            Simulate = samples + more,
            SpikeCuts = cuts,
            FillMv = fill,
            SpikeCut = unit,
            Stimulus = stimulus,
            Dt = live ? DtMeaning.Live : DtMeaning.SamplingInterval,
            SamplingRateHz = live ? null : rate,
        };

    private static readonly StimulusDefinition[] Others =
    [
        new() { Name = "ramp" },
        new()
        {
            Name = "noise-1",
            CoefficientOfVariation = new() { Min = 0.1, Max = 0.3 },
        },
    ];

    private readonly DefinitionFolder _folder = new();

    [Fact]
    public void ToYaml_AnyDefinition_LoadsAgainEqual() =>
        (
            from seed in Gen.Int[0, int.MaxValue]
            from trace in Trace
            from mean in Range
            from ranges in Range.Where(range => !range.IsFixed).Array[5]
            from stimulusSeed in Pick<StimulusSeed?>(null, StimulusSeed.PerTrace, StimulusSeed.Of(4))
            from others in Gen.Int[0, 2]
            from everything in Everything
            from network in Network
            select new PipelineDefinition
            {
                Name = "any",
                Seed = seed,
                Dataset = new()
                {
                    Neuron = _folder.At("neuron.json"),
                    Parameters = new()
                    {
                        Design = DesignKind.Sobol,
                        Ranges = GlifParameter.Keys.Zip(ranges).ToDictionary(p => p.First, p => p.Second),
                    },
                    Trace = trace,
                    Splits = new()
                    {
                        Train = new()
                        {
                            Stimulus = new StimulusMixture([
                                new()
                                {
                                    Name = "noise",
                                    Seed = stimulusSeed,
                                    MeanPicoamperes = mean,
                                },
                                .. Others[..others],
                            ]),
                            Traces = TraceCount.Of(5),
                            Sweeps = 2,
                        },
                        Test = new()
                        {
                            Stimulus = new StimulusDefinition { Name = _folder.At("waves/step.csv") },
                            Traces = TraceCount.Of(1),
                        },
                    },
                },
                Steps = [Step("everything", everything), Step("bilstm", network), Step("drop-nan", null)],
            }
        ).Sample(
            definition => AssertSame(definition, _folder.Load(DefinitionWriter.ToYaml(definition, _folder.Root)), "definition"),
            iter: 200,
            threads: 1
        );

    [Fact]
    public void ToYaml_SmallDefinition_WritesEveryEffectiveValue() =>
        Assert.Equal(
            """
            name: small
            seed: 7
            dataset:
              neuron: ../neuron.json
              parameters:
                design: grid
                values: {C: [1E-10, 2E-10], El: [0, 0.01], R_input: [100000000], dt: [1E-05, 5E-05], th_inf: [0.02]}
                ranges: {}
              trace:
                samples: 100
                simulate: 120
                sampling_rate_hz: 200000
                spike_cuts: drop
                fill_mv: 0
                dt: sampling-interval
                spike_cut: steps
                stimulus: false
              splits:
                train: {stimulus: noise-1, traces: 6, sweeps: 1}
                validation: {stimulus: ../waves/step.csv, traces: 2, sweeps: 1}
                test: {stimulus: noise-2, traces: all, sweeps: 1}
              shard_rows: 500
            targets: [C, El, R_input, dt, th_inf]
            pipeline:
            - scale-targets: {C: 1000000000}
            - bilstm:
                hidden: 5
                epochs: 3
                learning_rate: 0.01
                dropout: 0
                bidirectional: true
                read_out: final
                warm_up_epochs: 0
                clip_norm: 1
                kernel: fused
                batch: 1
            - drop-nan

            """,
            DefinitionWriter.ToYaml(_folder.Load(DefinitionFolder.Valid), _folder.At("models"))
        );

    [Fact]
    public void ToYaml_WithoutDirectory_WritesFullPathsThatLoadAnywhere()
    {
        var definition = _folder.Load(DefinitionFolder.Valid);
        var elsewhere = _folder.Write("far/away/pipeline.yaml", DefinitionWriter.ToYaml(definition));

        AssertSame(definition, DefinitionLoader.Load(elsewhere, DefinitionFolder.Context), "definition");
    }

    [Fact]
    public void ToYaml_NaN_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            DefinitionWriter.ToYaml(
                _folder.Load(DefinitionFolder.Valid) with
                {
                    Steps = [Step("bilstm", new NetworkOptions { Dropout = double.NaN })],
                }
            )
        );

    public void Dispose() => _folder.Dispose();

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static StepDefinition Step(string name, object? options) => new(name, options, new("", 1, 1));

    /// <summary>
    /// Compares by public properties, because lists in records are equal only when they are the same list. Marks are places, not content.
    /// </summary>
    private static void AssertSame(object? expected, object? actual, string path)
    {
        if (expected is null || actual is null || expected is string || expected.GetType().IsPrimitive || expected.GetType().IsEnum)
        {
            Assert.True(Equals(expected, actual), $"{path}: expected {expected ?? "nothing"}, found {actual ?? "nothing"}");
            return;
        }
        if (expected is IEnumerable list)
        {
            var (before, after) = (list.Cast<object>().ToList(), ((IEnumerable)actual).Cast<object>().ToList());
            Assert.True(before.Count == after.Count, $"{path}: expected {before.Count} items, found {after.Count}");
            for (var i = 0; i < before.Count; i++)
                AssertSame(before[i], after[i], $"{path}.{i}");
            return;
        }
        Assert.Equal(expected.GetType(), actual.GetType());
        foreach (
            var property in expected
                .GetType()
                .GetProperties()
                .Where(property => property.PropertyType != typeof(SourceMark) && property.GetMethod!.IsStatic == false)
        )
            AssertSame(property.GetValue(expected), property.GetValue(actual), $"{path}.{property.Name}");
    }
}
