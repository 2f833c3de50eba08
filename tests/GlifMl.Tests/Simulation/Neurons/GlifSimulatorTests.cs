namespace GlifMl.Tests.Simulation;

public sealed class GlifSimulatorTests
{
    [Theory, MemberData(nameof(ReferenceTrace.Names), MemberType = typeof(ReferenceTrace))]
    public void Run_ReferenceTrace_MatchesTo1e12(string name)
    {
        var reference = ReferenceTrace.Load(name);
        var trace = GlifSimulator.Run(reference.Neuron, reference.Stimulus);

        Assert.Equal(reference.SpikeSteps, trace.SpikeSteps);
        AssertClose(reference.GridTimes, trace.GridSpikeTimesSeconds);
        AssertClose(reference.InterpolatedTimes, trace.InterpolatedSpikeTimesSeconds);
        AssertClose(reference.Voltage, trace.VoltageVolts);
        AssertClose(reference.Threshold, trace.ThresholdVolts);
        for (var k = 0; k < 2; k++)
            AssertClose(reference.Afterspikes[k], trace.AfterspikeCurrentsAmperes[k]);
        Assert.False(trace.BadReset);
    }

    [Fact]
    public void Run_ConstantCurrent_FollowsForwardEulerStepResponse()
    {
        var neuron = Neurons.Load(1);
        const double I = 200e-12;
        var trace = GlifSimulator.Run(neuron, Constant(I, 20_000));
        var (R, RC) = (neuron.InputResistanceOhms, neuron.MembraneTimeConstantSeconds);
        for (var n = 0; n < 20_000; n++)
        {
            var expected = R * I * (1 - Math.Pow(1 - neuron.DtSeconds / RC, n + 1));
            Assert.Equal(expected, trace.VoltageVolts[n], 1e-11 * R * I);
        }
        Assert.Empty(trace.SpikeSteps);
    }

    [Fact]
    public void Run_ConstantCurrentLinearExact_FollowsExponential()
    {
        var neuron = Neurons.Load(1) with { VoltageDynamics = new NeuronMethod("linear_exact"), RestingPotentialVolts = -0.003 };
        const double I = 200e-12;
        var trace = GlifSimulator.Run(neuron, Constant(I, 20_000));
        var (R, RC) = (neuron.InputResistanceOhms, neuron.MembraneTimeConstantSeconds);
        for (var n = 0; n < 20_000; n++)
        {
            var settled = R * I + neuron.RestingPotentialVolts;
            Assert.Equal(settled * (1 - Math.Exp(-(n + 1) * neuron.DtSeconds / RC)), trace.VoltageVolts[n], 1e-11 * settled);
        }
    }

    [Theory]
    [InlineData(230e-12)]
    [InlineData(300e-12)]
    [InlineData(800e-12)]
    public void Run_ConstantCurrentAboveRheobase_FiresAtTheClosedFormInterval(double I)
    {
        var neuron = Neurons.Load(1);
        var trace = GlifSimulator.Run(neuron, Constant(I, 40_000));
        // The first n with R I (1 - (1 - dt/RC)^n) > th, then the cut; the step after the reset sample is the first of the next n.
        var n =
            Math.Log(1 - neuron.EffectiveThresholdVolts / (neuron.InputResistanceOhms * I))
            / Math.Log(1 - neuron.DtSeconds / neuron.MembraneTimeConstantSeconds);
        var interval = (int)Math.Floor(n) + 1 + neuron.SpikeCutSteps;

        Assert.Equal((int)Math.Floor(n), trace.SpikeSteps[0]);
        Assert.All(trace.SpikeSteps.Zip(trace.SpikeSteps.Skip(1)), pair => Assert.Equal(interval, pair.Second - pair.First));
    }

    [Fact]
    public void Run_JustAroundRheobase_FiresOnlyAbove()
    {
        var neuron = Neurons.Load(1);
        Assert.Empty(GlifSimulator.Run(neuron, Constant(0.999 * neuron.RheobaseAmperes, 40_000)).SpikeSteps);
        Assert.NotEmpty(GlifSimulator.Run(neuron, Constant(1.001 * neuron.RheobaseAmperes, 40_000)).SpikeSteps);
    }

    [Fact]
    public void Run_Glif3TwoSpikes_AfterspikeCurrentsDecayThroughTheCutAndAdd()
    {
        var neuron = Neurons.Load(3);
        var trace = GlifSimulator.Run(neuron, Constant(500e-12, 20_000));
        Assert.True(trace.SpikeSteps.Length >= 2);
        for (var k = 0; k < 2; k++)
        {
            var (amplitude, tau) = (neuron.AfterspikeAmplitudesAmperes[k], neuron.AfterspikeTimeConstantsSeconds[k]);
            var expected = 0.0;
            for (var spike = 0; spike < trace.SpikeSteps.Length; spike++)
            {
                var sincePrevious = spike == 0 ? 0 : trace.SpikeSteps[spike] - trace.SpikeSteps[spike - 1];
                expected = expected * Math.Exp(-sincePrevious * neuron.DtSeconds / tau) + amplitude;
                var reset = trace.SpikeSteps[spike] + neuron.SpikeCutSteps;
                if (reset < 20_000)
                    Assert.Equal(expected, trace.AfterspikeCurrentsAmperes[k][reset], 1e-11 * Math.Abs(amplitude));
            }
        }
    }

    [Fact]
    public void Run_Glif5Subthreshold_ThresholdFollowsTheVoltageComponentsDifferentialEquation()
    {
        var neuron = Neurons.Load(5) with { VoltageDynamics = new NeuronMethod("linear_exact") };
        const double I = 60e-12;
        var trace = GlifSimulator.Run(neuron, Constant(I, 8_000));
        Assert.Empty(trace.SpikeSteps);
        var (a, b) = (neuron.ThresholdDynamics.Scalars["a_voltage"], neuron.ThresholdDynamics.Scalars["b_voltage"]);
        var (k, V) = (1 / neuron.MembraneTimeConstantSeconds, neuron.InputResistanceOhms * I);
        for (var n = 0; n < 8_000; n++)
        {
            // theta' = a V (1 - e^-kt) - b theta from 0: theta = a V [(1 - e^-bt) / b - (e^-kt - e^-bt) / (b - k)]
            var t = (n + 1) * neuron.DtSeconds;
            var theta = a * V * ((1 - Math.Exp(-b * t)) / b - (Math.Exp(-k * t) - Math.Exp(-b * t)) / (b - k));
            Assert.Equal(neuron.EffectiveThresholdVolts + theta, trace.ThresholdVolts[n], 1e-12);
        }
    }

    [Fact]
    public void Run_CutPastTheEnd_LeavesNaNToTheEnd()
    {
        var trace = GlifSimulator.Run(Neurons.Load(1) with { SpikeCutSteps = int.MaxValue }, Constant(500e-12, 2_000));
        var spike = Assert.Single(trace.SpikeSteps);
        Assert.All(trace.VoltageVolts[spike..], value => Assert.True(double.IsNaN(value)));
        Assert.False(trace.BadReset);
    }

    [Fact]
    public void Run_ResetAboveThreshold_HoldsSixSamplesThenNaN()
    {
        var neuron = BadResetNeuron(cutSteps: 10);
        var trace = GlifSimulator.Run(neuron, Constant(500e-12, 2_000));
        var spike = Assert.Single(trace.SpikeSteps);
        Assert.True(trace.BadReset);
        Assert.All(trace.VoltageVolts[spike..(spike + 10)], value => Assert.True(double.IsNaN(value)));
        Assert.All(trace.VoltageVolts[(spike + 10)..(spike + 16)], value => Assert.Equal(0.9, value));
        Assert.All(trace.VoltageVolts[(spike + 16)..], value => Assert.True(double.IsNaN(value)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Run_StimulusNotFinite_NamesTheSample(double bad)
    {
        var stimulus = new double[1000];
        stimulus[997] = bad;
        var e = Assert.Throws<ArgumentException>(() => GlifSimulator.Run(Neurons.Load(1), stimulus));
        Assert.Equal($"stimulus sample 997: found {bad}; expected a finite current in A", e.Message);
    }

    internal static NeuronConfig BadResetNeuron(int cutSteps) =>
        Neurons.Load(1) with
        {
            SpikeCutSteps = cutSteps,
            VoltageReset = new NeuronMethod("v_before", new Dictionary<string, double> { ["a"] = 0, ["b"] = 0.9 }),
        };

    private static double[] Constant(double amperes, int samples)
    {
        var stimulus = new double[samples];
        Array.Fill(stimulus, amperes);
        return stimulus;
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (double.IsNaN(expected[i]))
                Assert.True(double.IsNaN(actual[i]), $"{i}: expected NaN, found {actual[i]:R}");
            else
                Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-12 * Math.Abs(expected[i]), $"{i}: {expected[i]:R} {actual[i]:R}");
        }
    }
}
