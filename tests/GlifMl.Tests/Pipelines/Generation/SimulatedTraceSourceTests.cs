using GlifMl.Datasets;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class SimulatedTraceSourceTests : IDisposable
{
    // A current that makes the fitted cell spike, sampled so that a spike cut of 55 steps is well within a trace.
    private const string Spiking =
        "train: {stimulus: {name: square, amplitude_pA: 900}, traces: 20}\n    test: {stimulus: {name: square, amplitude_pA: 900}, "
        + "traces: 8}";
    private readonly GridFolder _folder = new();

    [Fact]
    public void Fill_Keep_IsTheSimulatorsTrace()
    {
        var definition = Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep}");
        var batch = Fill(definition);
        for (var row = 0; row < batch.Rows; row++)
            Assert.Equal(Simulate(definition, batch, row).Voltages, batch.Voltage(row).ToArray());
        Assert.Contains(batch.Voltages.ToArray(), float.IsNaN);
    }

    [Fact]
    public void Fill_Drop_MovesLaterSamplesUpAndPadsWhatIsLeft()
    {
        var (keep, drop) = (
            Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep}")),
            Fill(Load("{samples: 3000, simulate: 3000, sampling_rate_hz: 20000, spike_cuts: drop}"))
        );
        for (var row = 0; row < keep.Rows; row++)
        {
            var left = keep.Voltage(row).ToArray().Where(mv => !float.IsNaN(mv)).ToArray();
            Assert.Equal(left, drop.Voltage(row)[..left.Length].ToArray());
            Assert.All(drop.Voltage(row)[left.Length..].ToArray(), mv => Assert.True(float.IsNaN(mv)));
        }
    }

    [Fact]
    public void Fill_Drop_KeepsVoltageAndStimulusTogether()
    {
        const string Trace = "{{samples: 3000, simulate: 3000, sampling_rate_hz: 20000, stimulus: true, spike_cuts: {0}}}";
        var (keep, drop) = (Fill(Load(string.Format(null, Trace, "keep"))), Fill(Load(string.Format(null, Trace, "drop"))));
        for (var row = 0; row < keep.Rows; row++)
        {
            var left = keep.Stimulus(row)
                .ToArray()
                .Zip(keep.Voltage(row).ToArray())
                .Where(s => !float.IsNaN(s.Second))
                .Select(s => s.First)
                .ToArray();
            Assert.Equal(left, drop.Stimulus(row)[..left.Length].ToArray());
            Assert.All(drop.Stimulus(row)[left.Length..].ToArray(), pa => Assert.True(float.IsNaN(pa)));
        }
    }

    [Fact]
    public void Fill_Fill_PutsTheValueIntoSpikeCutsAlone()
    {
        var (keep, fill) = (
            Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep}")),
            Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: fill, fill_mv: 77}"))
        );
        Assert.Equal(keep.Voltages.ToArray().Select(mv => float.IsNaN(mv) ? 77 : mv), fill.Voltages.ToArray());
    }

    [Fact]
    public void Fill_Noise_AddsWhiteNoiseOfItsOwnToEachTrace()
    {
        var (clean, noisy) = (
            Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep}")),
            Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep, noise: {sd_mv: 0.5}}"))
        );
        var seen = new HashSet<float>();
        for (var row = 0; row < clean.Rows; row++)
        {
            var noise = noisy.Voltage(row).ToArray().Zip(clean.Voltage(row).ToArray(), (n, c) => n - c).ToArray();
            Assert.Equal(clean.Voltage(row).ToArray().Select(float.IsNaN), noise.Select(float.IsNaN));
            var drawn = noise.Where(float.IsFinite).ToArray();
            Assert.True(seen.Add(drawn[0]));
            // Five standard errors of a variance and of a correlation between neighbours.
            Assert.Equal(0.25, drawn.Average(v => v * v), 5 * 0.25 * Math.Sqrt(2.0 / drawn.Length));
            Assert.Equal(0, drawn.Skip(1).Zip(drawn, (a, b) => a * b / 0.25).Average(), 5 / Math.Sqrt(drawn.Length));
        }
    }

    [Fact]
    public void Fill_NoiseWithAStep_RoundsToTheConvertersSteps()
    {
        var batch = Fill(Load("{samples: 3000, sampling_rate_hz: 20000, spike_cuts: keep, noise: {sd_mv: 0, step_mv: 0.25}}"));
        Assert.All(batch.Voltages.ToArray().Where(float.IsFinite), mv => Assert.Equal(Math.Round(mv * 4.0), mv * 4.0));
    }

    [Fact]
    public void Fill_SpikeCounts_AreThoseWithinTheSamplesKept()
    {
        var definition = Load("{samples: 1000, simulate: 3000, sampling_rate_hz: 20000, spike_cuts: keep}");
        var batch = Fill(definition);
        for (var row = 0; row < batch.Rows; row++)
            Assert.Equal(Simulate(definition, batch, row).Spikes.Count(step => step < 1000), batch.SpikeCounts[row]);
        Assert.Contains(batch.SpikeCounts.ToArray(), count => count > 0);
    }

    [Fact]
    public void Fill_InertDt_IsALabelThatTouchesNothing()
    {
        // Of the 48 configurations 24 differ in more than dt, and each pair has one trace.
        var definition = Load(
            "{samples: 500, sampling_rate_hz: 20000}",
            "dataset.splits.train.traces=all",
            "dataset.splits.test.stimulus=noise-2"
        );
        var batch = Fill(definition);
        Assert.Equal([1e-5, 5e-5], batch.Labels(3).ToArray().Distinct().Order());
        Assert.Equal(24, Enumerable.Range(0, 48).Select(row => string.Join(' ', Values(batch, row, except: 3))).Distinct().Count());
        foreach (var pair in Enumerable.Range(0, 48).GroupBy(row => string.Join(' ', Values(batch, row, except: 3))))
            Assert.Equal(batch.Voltage(pair.First()).ToArray(), batch.Voltage(pair.Last()).ToArray());
    }

    [Fact]
    public void Fill_LiveDt_IsTheSamplingInterval()
    {
        // The 10 ms test pulse lasts 1000 samples at 10 us and 200 at 50 us.
        var definition = Load(
            "{samples: 1500, dt: live, stimulus: true, spike_cuts: keep}",
            "dataset.splits.train.stimulus={name: noise, mean_pA: 100}"
        );
        var batch = Fill(definition);
        for (var row = 0; row < batch.Rows; row++)
        {
            var pulse = batch.Stimulus(row).ToArray().TakeWhile(pa => pa == 50).Count();
            Assert.Equal((int)Math.Round(0.01 / batch.Labels(3)[row]), pulse);
        }
    }

    [Theory]
    [InlineData("steps", 55)]
    [InlineData("time", 28)]
    public void Fill_SpikeCut_LastsStepsOrTime(string spikeCut, int expected)
    {
        // The fitted cut is 55 steps of 50 us, 2.75 ms: 27.5 steps of 100 us, rounded up.
        var batch = Fill(Load($"{{samples: 2000, sampling_rate_hz: 10000, spike_cuts: keep, spike_cut: {spikeCut}}}"));
        var cut = Enumerable
            .Range(0, batch.Rows)
            .Select(row => batch.Voltage(row).ToArray())
            .First(v => v.Any(float.IsNaN))
            .SkipWhile(mv => !float.IsNaN(mv))
            .TakeWhile(float.IsNaN)
            .Count();
        Assert.Equal(expected, cut);
    }

    [Fact]
    public void Fill_Mixture_GivesEachTraceTheStimulusOfItsNumber()
    {
        var definition = Load(
            "{samples: 400, stimulus: true}",
            "dataset.splits.train.stimulus=[{name: square, amplitude_pA: 70}, {name: noise, seed: per-trace}, steep-ramp]"
        );
        var batch = Fill(definition);
        var source = new StimulusSource(
            definition.Dataset.Splits.Train.Stimulus,
            definition.Seed,
            "train",
            NeuronConfig.Load(definition.Dataset.Neuron).DtSeconds
        );
        for (var row = 0; row < batch.Rows; row++)
        {
            var amperes = new double[400];
            source.Of(row).Sample(1 / definition.Dataset.Trace.SamplingRateHz!.Value, amperes);
            Assert.Equal(Array.ConvertAll(amperes, a => (float)(a * 1e12)), batch.Stimulus(row).ToArray());
            Assert.Equal(source.Id(row), batch.StimulusIds[row]);
        }

        Assert.True(batch.StimulusIds.ToArray().Distinct().Count() > 3);
    }

    [Theory]
    [InlineData("{name: noise, seed: per-trace}")]
    [InlineData("[{name: noise, seed: per-trace}, square, {name: steep-ramp, amplitude_pA: {min: 1, max: 9}}]")]
    public void Fill_AnyBatchBoundaries_GivesTheSameBytes(string stimulus)
    {
        var definition = Load("{samples: 400, dt: live, stimulus: true}", $"dataset.splits.train.stimulus={stimulus}");
        var whole = Fill(definition);
        var source = new SimulatedTraceSource(definition, "train");
        for (var first = 0; first < whole.Rows; )
        {
            var part = new TraceBatch(source.Schema, Math.Min(1 + (first % 3), whole.Rows - first));
            source.Fill(first, part);
            for (var row = 0; row < part.Rows; row++)
            {
                Assert.Equal(whole.Voltage(first + row).ToArray(), part.Voltage(row).ToArray());
                Assert.Equal(whole.Stimulus(first + row).ToArray(), part.Stimulus(row).ToArray());
                Assert.Equal(Values(whole, first + row), Values(part, row));
                Assert.Equal(
                    (whole.ConfigurationIds[first + row], whole.StimulusIds[first + row], whole.SpikeCounts[first + row]),
                    (part.ConfigurationIds[row], part.StimulusIds[row], part.SpikeCounts[row])
                );
            }

            first += part.Rows;
        }
    }

    public void Dispose() => _folder.Dispose();

    private PipelineDefinition Load(string trace, params string[] overrides) =>
        _folder.Load(GridFolder.Yaml(Spiking, trace: trace), overrides);

    private static TraceBatch Fill(PipelineDefinition definition)
    {
        var source = new SimulatedTraceSource(definition, "train");
        var batch = new TraceBatch(source.Schema, (int)source.Count);
        source.Fill(0, batch);
        return batch;
    }

    private static double[] Values(TraceBatch batch, int row, int? except = null) =>
        [.. Enumerable.Range(0, batch.Schema.Targets.Count).Where(k => k != except).Select(k => batch.Labels(k)[row])];

    /// <summary>The trace of a row by the one-neuron simulator.</summary>
    private static (float[] Voltages, IReadOnlyList<int> Spikes) Simulate(PipelineDefinition definition, TraceBatch batch, int row)
    {
        var (trace, stimulus) = (definition.Dataset.Trace, definition.Dataset.Splits.Train.Stimulus.Stimuli.Single());
        var neuron = batch
            .Schema.Targets.Zip(Values(batch, row))
            .Aggregate(NeuronConfig.Load(definition.Dataset.Neuron), (n, p) => n.With(p.First, p.Second))
            .With("dt", 1 / trace.SamplingRateHz!.Value);
        var amperes = new double[trace.Simulate];
        StimulusCatalog
            .Create(stimulus.Name, new StimulusOptions { AmplitudePicoamperes = stimulus.AmplitudePicoamperes!.Min })
            .Sample(neuron.DtSeconds, amperes);
        var result = GlifSimulator.Run(neuron, amperes);
        return ([.. result.VoltageVolts.Take(trace.Samples).Select(v => (float)(v * 1000))], result.SpikeSteps);
    }
}
