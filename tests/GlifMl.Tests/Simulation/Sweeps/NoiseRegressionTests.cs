using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation.Sweeps;

public sealed class NoiseRegressionTests
{
    private const double Dt = 1e-4;

    [Fact]
    public void Of_LeakThatFalls_IsTheChordFromRest()
    {
        // G (1 - V / 80 mV): at 11 mV the chord's resistance is 1.16 times that at rest, the slope's 1.37 times.
        var noise = new PinkNoise(5);
        var (voltage, current) = (new float[40_000], new float[40_000]);
        var v = 0.0;
        for (var n = 0; n < voltage.Length; n++)
        {
            current[n] = (float)(3 + (47 * (1 + (0.1 * noise.At(n * Dt)))));
            voltage[n] = (float)(v - 70);
            v += Dt * 1e3 * (current[n] - 3 - (5 * v * (1 - (v / 80)))) / 80;
        }
        var mean = voltage.Skip(10_000).Average() + 70;

        var found = NoiseRegression.Of(voltage.AsSpan(10_000), current.AsSpan(10_000), (-70, 3), Dt, []);

        Assert.Equal(1e3 * mean / 47, found.ResistanceMegaohms, 4.0);
        Assert.Equal(80, found.CapacitancePicofarads, 6.0);
        Assert.True(found.IsBelowThreshold);
    }

    [Theory]
    [InlineData(30e-3, 300e-3)]
    [InlineData(15e-3, 150e-3)]
    public void Of_NoiseThatFires_ReadsTheMembraneBesideWhatSpikesLeaveBehind(double fast, double slow)
    {
        var noise = new PinkNoise(7);
        var (voltage, current, spikes) = (new float[30_000], new float[30_000], new List<int>());
        var (v, first, second) = (0.0, 0.0, 0.0);
        for (var n = 0; n < voltage.Length; n++)
        {
            current[n] = (float)(100 * (1 + (0.2 * noise.At(n * Dt))));
            voltage[n] = (float)(v - 70);
            v += Dt * 1e3 * (current[n] + first + second - (5 * v)) / 80;
            (first, second) = (first * (1 - (Dt / fast)), second * (1 - (Dt / slow)));
            if (v < 18)
                continue;
            spikes.Add(n);
            (v, first, second) = (2, first - 40, second - 15);
        }
        Assert.InRange(spikes.Count, 8, 60);

        var found = NoiseRegression.Of(voltage, current, (-70, 0), Dt, [.. spikes]);

        Assert.Equal(200, found.ResistanceMegaohms, 10.0);
        Assert.Equal(80, found.CapacitancePicofarads, 4.0);
        Assert.False(found.IsBelowThreshold);
    }

    [Fact]
    public void OfRamp_LeakyMembrane_IsItsResistance()
    {
        var (voltage, current) = (new float[20_000], new float[20_000]);
        var v = 0.0;
        for (var n = 0; n < voltage.Length; n++)
        {
            current[n] = 40 * n / 20_000f;
            voltage[n] = (float)(v - 70);
            v += Dt * 1e3 * (current[n] - (5 * v)) / 80;
        }

        var found = NoiseRegression.OfRamp(voltage, current, (-70, 0), Dt);

        Assert.Equal(200, found.ResistanceMegaohms, 2.0);
        Assert.True(double.IsNaN(found.CapacitancePicofarads));
    }
}
