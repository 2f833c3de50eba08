using GlifMl.Simulation;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Simulation.Sweeps;

public sealed class CountedThresholdTests
{
    private const double Dt = 5e-5;

    [Theory]
    [InlineData(120e6, 60e-12, 0.02)]
    [InlineData(300e6, 90e-12, 0.03)]
    [InlineData(200e6, 250e-12, 0.025)]
    public void Of_NoiseUnderAGlif_IsItsThreshold(double ohms, double farads, double volts)
    {
        var neuron = (
            NeuronConfig.Load(Glifml.Path("datasets/neurons/483101699_glif1.json")) with
            {
                Coefficients = new NeuronCoefficients { AfterspikeAmplitudes = [1, 1] },
            }
        )
            .With("C", farads)
            .With("R_input", ohms)
            .With("th_inf", volts)
            .With("dt", Dt);
        var amperes = new double[(int)(4 / Dt)];
        new PinkNoise(3).Fill(0, Dt, 0, 0, amperes);
        for (var n = 0; n < amperes.Length; n++)
            amperes[n] = 1.1 * neuron.RheobaseAmperes * (1 + (0.2 * amperes[n]));
        var spikes = GlifSimulator.Run(neuron, amperes).SpikeSteps.Length;
        Assert.InRange(spikes, 10, 200);

        var counted = CountedThreshold.Of(Array.ConvertAll(amperes, a => (float)(20 + (1e12 * a))), 20, Dt, spikes);

        // The least of those that give so many spikes.
        var found = counted.Millivolts(1e-6 * ohms, 1e12 * farads);
        Assert.InRange(found / (1e3 * volts), 0.95, 1.01);

        // Of a cell with half the R, twice the C and a third more of threshold.
        var other = counted.Scaled(0.5, 2, 4.0 / 3).Millivolts(0.5e-6 * ohms, 2e12 * farads);
        Assert.Equal(4.0 / 3 * found, other, 1e-9);
    }

    [Fact]
    public void Of_SweepWithoutSpikes_TellsNone()
    {
        Assert.True(double.IsNaN(CountedThreshold.Of([1, 2, 3, 4], 0, Dt, 0).Millivolts(100, 100)));
        Assert.True(double.IsNaN(CountedThreshold.Of([-1, -2, -3, -4], 0, Dt, 2).Millivolts(100, 100)));
        Assert.True(double.IsNaN(CountedThreshold.Of([], 0, Dt, 2).Millivolts(100, 100)));
    }
}
