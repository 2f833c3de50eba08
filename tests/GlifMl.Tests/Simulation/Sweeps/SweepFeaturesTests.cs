using GlifMl.Simulation;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Simulation.Sweeps;

public sealed class SweepFeaturesTests
{
    private const double Dt = 5e-5;
    private const double Rest = -70;
    private const double Megaohms = 200,
        Picofarads = 100;

    [Theory]
    [InlineData("526950199_sweep37", 110, 22, 14.8, 25.4)]
    [InlineData("569469018_sweep44", 90, 12, 36.8, 36.6)]
    public void Of_RealSweep_TellsItsSpikes(string name, double step, int spikes, double latency, double threshold)
    {
        var sweep = Recordings.Load(Glifml.Path($"datasets/recordings/{name}.csv"))[0];

        var features = SweepFeatures.Of(sweep.VoltageMv, sweep.CurrentPa!, sweep.SamplingIntervalSeconds);

        Assert.Equal(SweepKind.Firing, features.Kind);
        Assert.Equal(step, features.StepPa);
        Assert.Equal(1000, features.StepMs, 1e-6);
        Assert.Equal(spikes, features.SpikeCount);
        Assert.Equal(latency, features.LatencyMs, 0.2);
        Assert.Equal(threshold, features.ThresholdMv, 0.2);
        Assert.InRange(features.Onset.CapacitancePicofarads, 50, 150);
        Assert.InRange(features.Onset.ResidualMv, 0, 0.5);
    }

    [Theory]
    [InlineData(-100)]
    [InlineData(60)]
    public void Of_StepBelowThreshold_TellsTheMembrane(double step)
    {
        var features = Measure(t => t is >= 0.2 and < 1.2 ? step : 0, noise: 0.05);

        Assert.Equal(step > 0 ? SweepKind.Depolarising : SweepKind.Hyperpolarising, features.Kind);
        Assert.Equal(Rest, features.RestMv, 0.05);
        Assert.Equal(Megaohms, features.SteadyMv / step * 1e3, 1.0);
        Assert.Equal(Megaohms * Picofarads / 1e3, features.TimeConstantMs, 0.3);
        Assert.Equal(0.05, features.NoiseMv, 0.005);
    }

    [Fact]
    public void Of_SmallStepInSlowNoise_TellsTheMembrane()
    {
        // 5 mV, and half a millivolt more at the end: what lies a little below the largest deflection is not the way there.
        var features = Measure(t => t is >= 0.2 and < 1.2 ? -25 : 0, noise: 0.05, slow: t => t is > 1 and < 1.2 ? -0.5 : 0);

        Assert.Equal(SweepKind.Hyperpolarising, features.Kind);
        Assert.InRange(features.TimeConstantMs, 18, 30);
    }

    [Fact]
    public void Of_Noise_RegressesTheMembrane()
    {
        var current = new PinkNoise(7);
        var features = Measure(t => t >= 0.2 ? 60 + (12 * current.At(t)) : 0, noise: 0.1);

        Assert.Equal(SweepKind.Waveform, features.Kind);
        Assert.Equal(Megaohms, features.Regression.ResistanceMegaohms, 4.0);
        Assert.Equal(Picofarads, features.Regression.CapacitancePicofarads, 2.0);
    }

    [Fact]
    public void Of_Ramp_RegressesTheMembrane()
    {
        var features = Measure(t => t >= 0.2 ? 60 * (t - 0.2) : 0, noise: 0.02);

        Assert.Equal(SweepKind.Ramp, features.Kind);
        Assert.Equal(Megaohms, features.Regression.ResistanceMegaohms, 4.0);
    }

    [Fact]
    public void Of_TestPulse_IsToldApartFromTheStep()
    {
        var features = Measure(
            t =>
                t is >= 0.05 and < 0.06 ? 50
                : t is >= 0.3 and < 1.3 ? -80
                : 0,
            noise: 0
        );

        Assert.Equal(SweepKind.Hyperpolarising, features.Kind);
        Assert.Equal(-80, features.StepPa);
        Assert.Equal(50, features.TestPulsePa);
        Assert.Equal(10, features.TestPulseMs, 1e-6);
        Assert.Equal(50e-3 * Megaohms * (1 - Math.Exp(-0.5)), features.TestPulseMv, 0.1);
    }

    [Theory]
    [InlineData(0, SweepKind.Rest)]
    [InlineData(3e-3, SweepKind.Pulse)]
    public void Of_ShortOrNoCurrent_IsOfThatKind(double seconds, object kind) =>
        Assert.Equal(kind, Measure(t => t >= 0.2 && t < 0.2 + seconds ? 200 : 0, noise: 0).Kind);

    [Fact]
    public void Of_SimulatedGlif_CountsItsCutsAsSpikes()
    {
        var neuron = NeuronConfig.Load(Glifml.Path("datasets/neurons/483101699_glif1.json"));
        var amperes = new double[(int)(1.2 / neuron.DtSeconds)];
        for (var n = 0; n < amperes.Length; n++)
            amperes[n] = n * neuron.DtSeconds is >= 0.1 and < 1.1 ? 300e-12 : 0;
        var trace = GlifSimulator.Run(neuron, amperes);

        var features = SweepFeatures.Of(
            Array.ConvertAll(trace.VoltageVolts, v => (float)(1e3 * v)),
            Array.ConvertAll(amperes, a => (float)(1e12 * a)),
            neuron.DtSeconds,
            isAbsolute: false
        );

        Assert.Equal(trace.SpikeSteps.Length, features.SpikeCount);
        Assert.Equal(1e3 * neuron.EffectiveThresholdVolts, features.ThresholdMv, 0.1);
        Assert.Equal(1e12 * neuron.EffectiveCapacitanceFarads, features.Onset.CapacitancePicofarads, 8.0);
    }

    [Fact]
    public void CopyTo_Values_AreThoseOfTheNames()
    {
        var values = new float[SweepFeatures.Names.Count];
        new SweepFeatures { StepPa = 90, TroughMv = 12 }.CopyTo(values);

        Assert.Equal(90, values[Index("step_pA")]);
        Assert.Equal(12, values[Index("trough")]);
        Assert.True(float.IsNaN(values[Index("latency")]));

        static int Index(string name) => SweepFeatures.Names.ToList().IndexOf(name);
    }

    private static SweepFeatures Measure(Func<double, double> picoamperes, double noise, Func<double, double>? slow = null)
    {
        var count = (int)(1.6 / Dt);
        var (voltage, current, random) = (new float[count], new float[count], new SeededRandom(1, "noise"));
        var v = 0.0;
        for (var n = 0; n < count; n++)
        {
            current[n] = (float)picoamperes(n * Dt);
            voltage[n] = (float)(Rest + v + (noise * random.NextGaussian()) + (slow?.Invoke(n * Dt) ?? 0));
            v += (current[n] - (v / Megaohms * 1e3)) / Picofarads * Dt * 1e3;
        }
        return SweepFeatures.Of(voltage, current, Dt);
    }

    // Sines of 1 to 100 Hz with amplitudes of 1 over the root of the frequency.
    private sealed class PinkNoise(int seed)
    {
        private readonly double[] _phases = Phases(seed);

        public double At(double t)
        {
            var sum = 0.0;
            for (var f = 1; f <= 100; f++)
                sum += Math.Sin((2 * Math.PI * f * t) + _phases[f - 1]) / Math.Sqrt(f);
            return sum;
        }

        private static double[] Phases(int seed)
        {
            var random = new SeededRandom((ulong)seed, "phases");
            return [.. Enumerable.Range(0, 100).Select(_ => 2 * Math.PI * random.NextDouble())];
        }
    }
}
