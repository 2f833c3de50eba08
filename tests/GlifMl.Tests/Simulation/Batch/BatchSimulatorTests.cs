using CsCheck;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class BatchSimulatorTests
{
    private static readonly NeuronConfig[] Levels = [.. Enumerable.Range(1, 5).Select(Neurons.Load)];

    public static TheoryData<string> Kernels => [.. LaneKernels.Available.Select(kernel => kernel.ToString())];

    // Random neurons of all levels: spiking and silent, cuts of 0 and beyond the end, resets above threshold.
    private static readonly Gen<NeuronConfig> RandomNeuron = Gen.Select(
            Gen.Int[0, 4],
            Gen.Double[20e-12, 300e-12],
            Gen.Double[-0.02, 0.02],
            Gen.Double[50e6, 500e6],
            Gen.Double[5e-6, 2e-4],
            Gen.Int[0, 700],
            Gen.Bool,
            Gen.Double[0, 1.3]
        )
        .Select(
            (level, C, El, R, dt, cut, isExact, resetA) =>
            {
                var neuron = Levels[level].With("C", C).With("El", El).With("R_input", R).With("dt", dt).With("spike_cut_length", cut);
                if (isExact)
                    neuron = neuron with { VoltageDynamics = new NeuronMethod("linear_exact") };
                return neuron.VoltageReset.Name == "v_before"
                    ? neuron with
                    {
                        VoltageReset = new NeuronMethod("v_before", new Dictionary<string, double> { ["a"] = resetA, ["b"] = 0.002 }),
                    }
                    : neuron;
            }
        );

    [Theory, MemberData(nameof(Kernels))]
    public void RunVolts_RandomNeuronsOfAllLevels_HasTheBitsOfTheExactSimulator(string kernel) =>
        Gen.Select(RandomNeuron.Array[1, 40], Gen.Int[1, 700], Gen.ULong, Gen.Bool)
            .Sample(
                (neurons, steps, seed, isShared) =>
                {
                    var traces = neurons
                        .Select((neuron, i) => new SimulationRequest(neuron, Stimulus(seed, isShared ? 0 : i, steps + 3)))
                        .ToArray();
                    if (isShared)
                        traces = [.. traces.Select(trace => trace with { StimulusAmperes = traces[0].StimulusAmperes })];
                    var volts = new double[traces.Length * steps];
                    var millivolts = new float[traces.Length * steps];
                    var options = new BatchOptions { Kernel = Enum.Parse<LaneKernelKind>(kernel) };
                    var records = BatchSimulator.RunVolts(traces, steps, volts, options);
                    BatchSimulator.RunMillivolts(traces, steps, millivolts, options);
                    for (var i = 0; i < traces.Length; i++)
                    {
                        var exact = GlifSimulator.Run(traces[i].Neuron, traces[i].StimulusAmperes.AsSpan(0, steps));
                        Assert.Equal(exact.SpikeSteps, records[i].SpikeSteps);
                        Assert.Equal(exact.BadReset, records[i].BadReset);
                        for (var n = 0; n < steps; n++)
                        {
                            var (expected, found) = (exact.VoltageVolts[n], volts[i * steps + n]);
                            Assert.True(Same(expected, found), $"trace {i}, step {n}: expected {expected:R}, found {found:R}");
                            Assert.True(Same((float)(1000 * expected), millivolts[i * steps + n]), $"trace {i}, step {n}, mV");
                        }
                    }
                },
                iter: 40,
                threads: 1
            );

    [Theory, MemberData(nameof(Kernels))]
    public void RunVolts_ReferenceTraces_HasTheBitsOfTheExactSimulator(string kernel)
    {
        foreach (var name in (IEnumerable<string>)["glif1_fitted", "glif1_cut0", "glif2_lif_r", "glif5_lif_r_asc_a"])
        {
            var reference = ReferenceTrace.Load(name);
            var volts = new double[reference.Stimulus.Length];
            var record = BatchSimulator.RunVolts(
                [new SimulationRequest(reference.Neuron, reference.Stimulus)],
                volts.Length,
                volts,
                new BatchOptions { Kernel = Enum.Parse<LaneKernelKind>(kernel) }
            )[0];
            Assert.Equal(reference.SpikeSteps, record.SpikeSteps);
            Assert.Equal(GlifSimulator.Run(reference.Neuron, reference.Stimulus).VoltageVolts, volts);
        }
    }

    [Theory, MemberData(nameof(Kernels))]
    public void RunVolts_BadResetsAndCutsPastTheEnd_EndTheTraceAsTheExactSimulatorDoes(string kernel)
    {
        const int Steps = 400;
        var stimulus = Enumerable.Repeat(900e-12, Steps).ToArray();
        var spike = GlifSimulator.Run(Neurons.Load(1), stimulus).SpikeSteps[0];
        var traces = new[] { 0, 1, Steps - spike - 3, Steps - spike - 1, Steps - spike, Steps, int.MaxValue }
            .SelectMany(cut => new[] { GlifSimulatorTests.BadResetNeuron(cut), Neurons.Load(1).With("spike_cut_length", cut) })
            .Select(neuron => new SimulationRequest(neuron, stimulus))
            .ToArray();
        var volts = new double[traces.Length * Steps];
        var records = BatchSimulator.RunVolts(traces, Steps, volts, new BatchOptions { Kernel = Enum.Parse<LaneKernelKind>(kernel) });
        for (var i = 0; i < traces.Length; i++)
        {
            var exact = GlifSimulator.Run(traces[i].Neuron, stimulus);
            Assert.NotEmpty(exact.SpikeSteps);
            Assert.Equal(exact.VoltageVolts, volts[(i * Steps)..((i + 1) * Steps)]);
            Assert.Equal(exact.BadReset, records[i].BadReset);
        }
        Assert.Equal(7, records.Count(record => record.BadReset));
    }

    [Fact]
    public void RunMillivolts_OneCoreOrMany_GivesTheSameBits()
    {
        var traces = Enumerable.Range(0, 100).Select(i => new SimulationRequest(Levels[i % 5], Stimulus(1, i, 2_000))).ToArray();
        var (one, many) = (new float[100 * 2_000], new float[100 * 2_000]);
        BatchSimulator.RunMillivolts(traces, 2_000, one, new BatchOptions { MaxDegreeOfParallelism = 1 });
        BatchSimulator.RunMillivolts(traces, 2_000, many, new BatchOptions { MaxDegreeOfParallelism = 8 });
        Assert.Equal(one, many);
    }

    [Fact]
    public void RunVolts_BadInput_NamesTheTrace()
    {
        var good = new SimulationRequest(Levels[0], new double[10]);
        string Message(SimulationRequest bad) =>
            Assert.Throws<ArgumentException>(() => BatchSimulator.RunVolts([good, bad], 10, new double[20])).Message;
        Assert.Equal("trace 1: found a stimulus of 9 samples; expected at least 10", Message(new(Levels[0], new double[9])));
        Assert.Equal(
            "trace 1: stimulus sample 2: found NaN; expected a finite current in A",
            Message(new(Levels[0], [0, 0, double.NaN, 0, 0, 0, 0, 0, 0, 0]))
        );
        Assert.Equal(
            "trace 1: C: found -1; expected a positive number",
            Message(new(Levels[0] with { CapacitanceFarads = -1 }, new double[10]))
        );
        var wrongSize = Assert.Throws<ArgumentException>(() => BatchSimulator.RunVolts([good], 10, new double[11]));
        Assert.Equal("voltage memory: found 11 samples; expected 1 traces x 10 steps", wrongSize.Message);
    }

    [Fact]
    public void Select_ForcedKernel_IsTakenOrRefused()
    {
        Assert.Equal(LaneKernelKind.Scalar, LaneKernels.Select("scalar"));
        Assert.Equal(LaneKernels.Available[0], LaneKernels.Select(null));
        var e = Assert.Throws<InvalidOperationException>(() => LaneKernels.Select("1024"));
        Assert.StartsWith("GLIFML_SIMD: found '1024'; expected one that this machine runs: ", e.Message, StringComparison.Ordinal);
    }

    private static double[] Stimulus(ulong seed, int index, int steps)
    {
        var random = new SeededRandom(seed, "test.stimulus", index);
        var (mean, level) = (random.NextDouble() * 1e-9, 0.0);
        var stimulus = new double[steps];
        for (var n = 0; n < steps; n++)
            stimulus[n] = mean + (level = 0.99 * level + 2e-11 * random.NextGaussian());
        return stimulus;
    }

    private static bool Same(double a, double b) =>
        BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b) || (double.IsNaN(a) && double.IsNaN(b));
}
