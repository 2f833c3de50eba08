using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

/// <summary>What is measured of a sweep before any model reads it, on two published sweeps and on made ones.</summary>
public sealed class SweepMeasuresTests
{
    // Rest, and lengths of the cuts, against the published models of the two cells: -65.4 and -72.4 mV; 8.45 and 5.25 ms.
    [Theory]
    [InlineData("526950199_sweep37.csv", 22, -65.41, 8.45e-3)]
    [InlineData("569469018_sweep44.csv", 12, -72.36, 5.25e-3)]
    public void Of_PublishedSweep_IsAsItsModelSays(string name, int spikes, double rest, double cut)
    {
        var measures = SweepMeasures.Of(Published(name));

        Assert.Equal(spikes, measures.Spikes.Count);
        Assert.Equal(rest, measures.RestMv!.Value, 1.5);
        Assert.Equal(0.205, measures.OnsetSeconds!.Value, 1e-6);
        Assert.Equal(0, measures.HoldingPa);
        Assert.Equal(cut, measures.SpikeCutSeconds!.Value, 0.1 * cut);
        Assert.InRange(measures.NoiseMv!.Value, 0.01, 0.1);
        Assert.True(measures.FirstThresholdMv < measures.ThresholdMv);
        Assert.All(measures.Spikes, spike => Assert.InRange(spike.ThresholdMv, -50, -25));
    }

    [Fact]
    public void Cut_PublishedSweep_LeavesNoSpikeAndTheRestAsItWas()
    {
        var sweep = Published("526950199_sweep37.csv");
        var measures = SweepMeasures.Of(sweep);
        var cut = RecordedSpikes.Cut(sweep, measures);

        Assert.Empty(SweepMeasures.Of(cut).Spikes);
        Assert.Equal(22 * Math.Round(measures.SpikeCutSeconds!.Value / 1e-4), cut.VoltageMv.Count(float.IsNaN));
        Assert.All(sweep.VoltageMv.Zip(cut.VoltageMv).Where(v => !float.IsNaN(v.Second)), v => Assert.Equal(v.First, v.Second));
        Assert.All(measures.Spikes, spike => Assert.False(float.IsNaN(cut.VoltageMv[spike.Sample])));
        Assert.Same(sweep, RecordedSpikes.Cut(sweep, measures, new() { Cut = false }));
        Assert.Equal(22 * 20, RecordedSpikes.Cut(sweep, measures, new() { Seconds = 2e-3 }).VoltageMv.Count(float.IsNaN));
        Assert.Throws<ArgumentException>(() => RecordedSpikes.Cut(sweep, measures, new() { Seconds = 0 }));
    }

    [Fact]
    public void Of_MadeSweep_FindsHoldingPulseNoiseAndDrift()
    {
        var random = new Random(5);
        const int n = 20_000;
        var current = Enumerable.Repeat(-30f, n).ToArray();
        Array.Fill(current, 20, 1000, 100);
        Array.Fill(current, 70, 5000, 5000);
        var voltage = Enumerable
            .Range(0, n)
            .Select(i => (float)(-70 + (1e-4 * i) + (0.2 * Normal(random)) + (i is >= 1000 and < 1100 ? 3 : 0)))
            .ToArray();
        var measures = SweepMeasures.Of(new Sweep("made", 1e-4, voltage, current));

        Assert.Equal(-30, measures.HoldingPa);
        Assert.Equal(100, measures.PeakPa);
        Assert.Equal(0.1, measures.OnsetSeconds!.Value, 1e-9);
        Assert.Equal(0.2, measures.NoiseMv!.Value, 0.02);
        Assert.Equal(2, measures.DriftMv!.Value, 0.1);
        Assert.Empty(measures.Spikes);
        var pulse = measures.TestPulse!;
        Assert.Equal(
            (0.1, 0.01, 50.0, 0.5),
            (Math.Round(pulse.StartSeconds, 9), Math.Round(pulse.Seconds, 9), pulse.Picoamperes, Math.Round(pulse.NextSeconds, 9))
        );
        Assert.Equal(3, pulse.Millivolts, 1.0);
    }

    [Fact]
    public void Of_SweepWithGapsOrWithoutCurrent_IsMeasuredAllTheSame()
    {
        var sweep = Published("569469018_sweep44.csv");
        var voltage = (float[])sweep.VoltageMv.Clone();
        Array.Fill(voltage, float.NaN, 14_000, 500);
        voltage[0] = float.NaN;
        var measures = SweepMeasures.Of(sweep with { VoltageMv = voltage, CurrentPa = null });

        Assert.Equal(12, measures.Spikes.Count);
        Assert.Null(measures.RestMv);
        Assert.Null(measures.PeakPa);
        Assert.Empty(SweepMeasures.Of(sweep with { IsAbsolute = false }).Spikes);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Sweep Published(string name) => Assert.Single(Recordings.Load(Glifml.Path($"datasets/recordings/{name}")));
}
