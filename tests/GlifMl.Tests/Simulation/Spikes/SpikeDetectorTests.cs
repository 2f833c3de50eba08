using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class SpikeDetectorTests
{
    private const double Dt = 2e-5;

    // Counted apart from the detector: excursions above 0 mV.
    [Theory]
    [InlineData("526950199_sweep37.csv", 22)]
    [InlineData("569469018_sweep44.csv", 12)]
    public void Detect_PublishedSweep_FindsEachActionPotential(string name, int count)
    {
        var recording = Assert.Single(Recordings.Load(Path.Combine(Neurons.Root, "datasets", "recordings", name)));
        var mv = Array.ConvertAll(recording.VoltageMv, v => (double)v);
        var overshoots = Enumerable.Range(1, mv.Length - 1).Count(n => mv[n - 1] < 0 && mv[n] >= 0);
        var spikes = SpikeDetector.Detect(mv, recording.SamplingIntervalSeconds);
        Assert.Equal(count, overshoots);
        Assert.Equal(overshoots, spikes.Count);
        Assert.All(
            spikes,
            spike =>
            {
                Assert.InRange(spike.PeakSeconds, 0.205, 1.205);
                Assert.InRange(spike.ThresholdMv, -60, -20);
                Assert.InRange(spike.PeakMv, 0, 60);
                Assert.InRange(spike.PeakSeconds - spike.ThresholdSeconds, 1e-4, 0.005);
            }
        );
    }

    [Fact]
    public void Detect_SyntheticSpikes_FindsStartAndPeak()
    {
        var mv = Rest(0.5);
        foreach (var at in new[] { 0.1, 0.2, 0.35 })
            AddSpike(mv, at, heightMv: 100);
        var spikes = SpikeDetector.Detect(mv, Dt);
        Assert.Equal(3, spikes.Count);
        foreach (var (spike, at) in spikes.Zip([0.1, 0.2, 0.35]))
        {
            // The filter, which looks both ways, lets the spike begin some samples early.
            Assert.Equal(at, spike.ThresholdSeconds, 1e-4);
            Assert.Equal(at + 4e-4, spike.PeakSeconds, 5e-5);
            Assert.InRange(spike.PeakMv, 25, 30.1);
        }
    }

    [Fact]
    public void Detect_RiseThatStaysBelowMinus30_IsNoSpike()
    {
        var mv = Rest(0.3);
        AddSpike(mv, 0.1, heightMv: 35);
        Assert.Empty(SpikeDetector.Detect(mv, Dt));
        Assert.NotEmpty(PutativeSpikes.Find(PutativeSpikes.Slope(mv, Dt)));
    }

    [Fact]
    public void Detect_Rest_FindsNothing() => Assert.Empty(SpikeDetector.Detect(Rest(0.1), Dt));

    [Fact]
    public void Detect_NotANumber_IsNamed() =>
        Assert.StartsWith(
            "voltage sample 1: found NaN; expected a finite number",
            Assert.Throws<ArgumentException>(() => SpikeDetector.Detect([-70, double.NaN], Dt)).Message,
            StringComparison.Ordinal
        );

    private static double[] Rest(double seconds) => Enumerable.Repeat(-70.0, (int)(seconds / Dt)).ToArray();

    /// <summary>Half a sine up in 0.4 ms, and down in 1.2 ms.</summary>
    private static void AddSpike(double[] mv, double start, double heightMv)
    {
        for (var n = (int)Math.Round(start / Dt); n < mv.Length; n++)
        {
            var t = (n * Dt) - start;
            if (t is > 0 and < 4e-4)
                mv[n] += heightMv * Math.Sin(Math.PI / 2 * t / 4e-4);
            else if (t is >= 4e-4 and < 1.6e-3)
                mv[n] += heightMv * 0.5 * (1 + Math.Cos(Math.PI * (t - 4e-4) / 1.2e-3));
        }
    }
}
