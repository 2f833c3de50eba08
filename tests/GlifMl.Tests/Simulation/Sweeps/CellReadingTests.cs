using GlifMl.Simulation;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Simulation.Sweeps;

public sealed class CellReadingTests
{
    private static readonly SweepFeatures Firing = new()
    {
        Kind = SweepKind.Firing,
        StepPa = 190,
        SpikeCount = 10,
        LatencyMs = 40,
        At10Ms = 18,
        TroughMv = 20,
        LateMeanMv = 33,
        ThresholdMv = 38,
    };

    private static readonly SweepFeatures Below = new()
    {
        Kind = SweepKind.Depolarising,
        StepPa = 100,
        SteadyMv = 22,
        TimeConstantMs = 17,
    };

    [Fact]
    public void Of_NoSweep_IsThePopulation()
    {
        var reading = CellReading.Of([]);

        Assert.Equal(188, reading.ResistanceMegaohms, 1e-6);
        Assert.Equal(89, reading.CapacitancePicofarads, 1e-6);
        Assert.Equal(33.3, reading.ThresholdMv, 1e-6);
        Assert.Empty(reading.Kinds);
    }

    [Fact]
    public void Of_SweepsOfOneKind_KeepOneSweepsWidth()
    {
        var one = CellReading.Of([Firing]);
        var many = CellReading.Of([Firing, Firing, Firing, Firing]);

        Assert.All(Enumerable.Range(0, 3), p => Assert.Equal(one.Log[p], many.Log[p], 1e-6));
        Assert.All(Enumerable.Range(0, 3), p => Assert.Equal(one.Deviations[p], many.Deviations[p], 1e-6));
    }

    [Fact]
    public void Of_AnotherKindOfSweep_IsSharper()
    {
        var one = CellReading.Of([Firing]);
        var both = CellReading.Of([Firing, Below]);

        Assert.True(both.Deviations[CellReading.Resistance] < 0.6 * one.Deviations[CellReading.Resistance]);
        // What a depolarising step says of R: 220 MΩ but for the 10 % that such steps read too high.
        Assert.Equal(200, both.ResistanceMegaohms, 15.0);
        Assert.Equal([SweepKind.Firing, SweepKind.Depolarising], both.Kinds.Order());
    }

    [Fact]
    public void Of_NoiseThatAlwaysFires_TakesROfTheWeakestAndCOfAll()
    {
        var reading = CellReading.Of([Noise(230, 90, 1400), Noise(260, 110, 900), Noise(300, 100, 400)]);
        var same = CellReading.Of([Noise(230, Math.Cbrt(90 * 110 * 100), 1400)]);

        Assert.Equal(same.ResistanceMegaohms, reading.ResistanceMegaohms, 1e-6);
        Assert.Equal(same.CapacitancePicofarads, reading.CapacitancePicofarads, 1e-6);
        // Beside steps it says nothing of them.
        Assert.Equal(CellReading.Of([Firing]).ResistanceMegaohms, CellReading.Of([Firing, Noise(230, 90, 1400)]).ResistanceMegaohms, 1e-6);

        static SweepFeatures Noise(double megaohms, double picofarads, int stretches) =>
            new() { Kind = SweepKind.Waveform, Regression = new NoiseRegression(megaohms, picofarads, stretches, IsBelowThreshold: false) };
    }

    [Theory]
    [InlineData("526950199_sweep37")]
    [InlineData("569469018_sweep44")]
    public void Of_RealSweep_HoldsThePublishedModel(string name)
    {
        var sweep = Recordings.Load(Glifml.Path($"datasets/recordings/{name}.csv"))[0];
        var published = NeuronConfig.Load(Glifml.Path($"datasets/recordings/{name[..9]}_glif1_published.json"));

        var reading = CellReading.Of([SweepFeatures.Of(sweep.VoltageMv, sweep.CurrentPa!, sweep.SamplingIntervalSeconds)]);

        double[] expected =
        [
            1e-6 / published.ConductanceSiemens,
            1e12 * published.EffectiveCapacitanceFarads,
            1e3 * published.EffectiveThresholdVolts,
        ];
        // Three standard deviations: the first of the two cells has the largest C for its onset of ten.
        Assert.All(
            Enumerable.Range(0, 3),
            p => Assert.InRange(Math.Log(expected[p]) - reading.Log[p], -3 * reading.Deviations[p], 3 * reading.Deviations[p])
        );
        Assert.Equal(1e3 * published.RestingReferenceVolts, reading.RestMv, 1.2);
    }
}
