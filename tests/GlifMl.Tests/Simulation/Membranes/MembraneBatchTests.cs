using CsCheck;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class MembraneBatchTests
{
    private const double El = 0.002;

    private static readonly NeuronConfig[] Levels = [.. Enumerable.Range(1, 5).Select(Neurons.Load)];

    public static TheoryData<string> Kernels => [.. LaneKernels.Available.Select(kernel => kernel.ToString())];

    // Random cells of all levels, each ingredient there or not.
    private static MembraneCell RandomCell(ulong seed, long index)
    {
        var random = new SeededRandom(seed, "random membranes of a test", index);
        double Between(double low, double high) => low + ((high - low) * random.NextDouble());
        double OrNone(double low, double high) => random.NextBelow(2) == 0 ? 0 : Between(low, high);
        return new MembraneCell
        {
            Neuron = Levels[random.NextBelow(5)]
                .With("C", Between(30e-12, 200e-12))
                .With("El", Between(-El, El))
                .With("R_input", Between(60e6, 500e6))
                .With("dt", Between(5e-6, 2e-4))
                .With("spike_cut_length", random.NextBelow(60)),
            DendriteShare = OrNone(0.2, 0.85),
            DendriteCoupling = Between(1.5, 25),
            LeakFall = OrNone(0, 0.6),
            SpikeSlopeVolts = OrNone(0.8e-3, 5e-3),
            SagShare = OrNone(0.01, 0.6),
            SagSeconds = Between(0.015, 0.2),
            Afterspikes =
            [
                .. Enumerable.Range(0, (int)random.NextBelow(4)).Select(_ => new SpikeEffect(Between(0.005, 0.3), Between(0.003, 0.6))),
            ],
            Potassium = new SpikeEffect(OrNone(0.02, 1.5), Between(0.004, 0.05)),
            PotassiumVolts = Between(-0.025, -0.002),
            ResetShare = random.NextBelow(2) == 0 ? null : Between(0.4, 1),
            SpikeSeconds = random.NextBelow(2) == 0 ? null : Between(0.0015, 0.007),
            ThresholdJump = new SpikeEffect(OrNone(0.05e-3, 5e-3), Between(0.01, 0.4)),
            ThresholdFollow = OrNone(0.01, 0.35),
            ThresholdFollowSeconds = Between(0.005, 0.1),
            JitterVolts = OrNone(0.05e-3, 1e-3),
            JitterSeed = (ulong)index,
            PeakVolts = random.NextBelow(2) == 0 ? null : Between(0.07, 0.11),
        };
    }

    [Theory, MemberData(nameof(Kernels))]
    public void RunVolts_RandomCells_HasTheBitsOfTheScalarSimulator(string kernel) =>
        Gen.Select(Gen.ULong, Gen.Int[1, 40], Gen.Int[1, 3_000])
            .Sample(
                (seed, count, steps) =>
                {
                    MembraneRequest[] traces =
                    [
                        .. Enumerable.Range(0, count).Select(i => new MembraneRequest(RandomCell(seed, i), Current(seed, i, steps + 2))),
                    ];
                    var (volts, millivolts) = (new double[count * steps], new float[count * steps]);
                    var kind = Enum.Parse<LaneKernelKind>(kernel);
                    var spikes = MembraneBatch.RunVolts(traces, steps, volts, kind);
                    MembraneBatch.RunMillivolts(traces, steps, millivolts, kind);
                    var expected = new double[steps];
                    for (var i = 0; i < count; i++)
                    {
                        var steady = MembraneSimulator.Run(traces[i].Cell, traces[i].StimulusAmperes.AsSpan(0, steps), expected);
                        Assert.Equal(steady, spikes[i]);
                        Assert.Equal(expected, volts[(i * steps)..((i + 1) * steps)]);
                        for (var n = 0; n < steps; n++)
                            Assert.Equal(1000 * expected[n], millivolts[(i * steps) + n], 1e-4);
                    }
                },
                iter: 12,
                threads: 1
            );

    [Fact]
    public void Of_NumbersWithinItsRange_IsTheExponential()
    {
        for (var x = -20.0; x <= 8; x += 0.01)
            Assert.Equal(1, SmallExponential.Of(x) / Math.Exp(x), 1e-11);
        Assert.Equal(SmallExponential.Of(8), SmallExponential.Of(1e9));
        Assert.Equal(SmallExponential.Of(-20), SmallExponential.Of(double.NegativeInfinity));
    }

    [Fact]
    public void Run_NoIngredient_FollowsTheGlif()
    {
        foreach (var neuron in Levels)
        {
            var fine = neuron.With("dt", 1e-5).WithSpikeCutDuration(0.003);
            var current = Current(3, 1, 30_000);
            var voltage = new double[current.Length];
            var spikes = MembraneSimulator.Run(new MembraneCell { Neuron = fine }, current, voltage);
            var glif = GlifSimulator.Run(fine, current);
            Assert.NotEmpty(spikes);
            Assert.Equal(glif.SpikeSteps.Length, spikes.Length);
            var first = spikes[0] - 20;
            for (var n = 0; n < first; n++)
                Assert.Equal(glif.VoltageVolts[n], voltage[n], 5e-5);
        }
    }

    [Fact]
    public void Run_StepBelowThreshold_SettlesWhereTheConductancesSay()
    {
        var neuron = Levels[0].With("dt", 2e-5);
        var current = Enumerable.Repeat(20e-12, 100_000).ToArray();
        var (plain, sag, dendrite) = (Settled(new() { Neuron = neuron }), 0.0, 0.0);
        sag = Settled(
            new()
            {
                Neuron = neuron,
                SagShare = 0.5,
                SagSeconds = 0.05,
            }
        );
        dendrite = Settled(
            new()
            {
                Neuron = neuron,
                DendriteShare = 0.5,
                DendriteCoupling = 10,
            }
        );
        Assert.Equal(20e-12 / neuron.ConductanceSiemens, plain, 1e-9);
        Assert.Equal(plain / 1.5, sag, 1e-9);
        // Soma and half of the leak, and the other half behind the coupling: 0.5 + 0.5 x 10 / 10.5.
        Assert.Equal(plain / (0.5 + (0.5 * 10 / 10.5)), dendrite, 1e-9);

        double Settled(MembraneCell cell)
        {
            var voltage = new double[current.Length];
            MembraneSimulator.Run(cell, current, voltage);
            return voltage[^1];
        }
    }

    [Fact]
    public void Run_CellWithAPeak_HasSpikesThatADetectorFindsWhereTheyCross()
    {
        var cell = new MembraneCell
        {
            Neuron = Levels[0].With("dt", 2e-5),
            PeakVolts = 0.09,
            ResetShare = 0.6,
            SpikeSeconds = 0.003,
        };
        var current = Enumerable.Repeat(400e-12, 40_000).ToArray();
        var voltage = new double[current.Length];
        var spikes = MembraneSimulator.Run(cell, current, voltage);
        var found = SpikeDetector.Detect([.. voltage.Select(v => (1000 * v) - 70)], 2e-5);
        Assert.NotEmpty(spikes);
        Assert.Equal(spikes.Length, found.Count);
        // The detector smooths before it looks: up to a tenth of a millisecond early.
        Assert.All(spikes.Zip(found), pair => Assert.InRange(pair.First - 1 - pair.Second.CutoffIndex, 0, 5));
    }

    // Steps and a wave, about as strong as these cells need to spike.
    private static double[] Current(ulong seed, int trace, int steps)
    {
        var random = new SeededRandom(seed, "currents of a test", trace);
        var (mean, swing, period) = (random.NextDouble() * 600e-12, random.NextDouble() * 200e-12, 50 + (random.NextDouble() * 500));
        return [.. Enumerable.Range(0, steps).Select(n => n < 20 ? 0 : mean + (swing * Math.Sin(n / period)))];
    }
}
