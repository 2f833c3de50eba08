using System.Numerics;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

/// <summary>
/// The threshold's voltage component where its rate b nears the membrane's own 1 / RC: a difference of two exponentials over a difference
/// of their rates, which is a limit and not 0 / 0 where the rates meet.
/// </summary>
public sealed class ThresholdDynamicsTests
{
    private const int Steps = 400;

    // And some far away, where one exponential is all but gone after a step.
    private static readonly double[] Distances =
    [
        -0.999,
        1e3,
        1e4,
        0,
        .. Enumerable.Range(1, 16).SelectMany(digits => new[] { Math.Pow(10, -digits), -Math.Pow(10, -digits) }),
    ];

    public static TheoryData<double> AllDistances => [.. Distances];

    public static TheoryData<string> Kernels => [.. LaneKernels.Available.Select(kernel => kernel.ToString())];

    [Theory, MemberData(nameof(AllDistances))]
    public void Run_RateNearTheMembranes_KeepsItsDigits(double distance)
    {
        var neuron = NearResonance(distance);
        var stimulus = Enumerable.Repeat(150e-12, Steps).ToArray();
        var trace = GlifSimulator.Run(neuron, stimulus);
        Assert.Empty(trace.SpikeSteps);

        var expected = Thresholds(neuron, stimulus, trace.VoltageVolts);
        Assert.True(expected[^1] - expected[0] > 1e-7, "the threshold should move");
        for (var n = 0; n < Steps; n++)
            Assert.Equal(expected[n], trace.ThresholdVolts[n], 1e-15);
    }

    [Theory, MemberData(nameof(Kernels))]
    public void RunVolts_RateNearTheMembranes_HasTheBitsOfTheExactSimulator(string kernel)
    {
        var stimulus = Enumerable.Repeat(600e-12, 4_000).ToArray();
        var traces = Distances.Select(distance => new SimulationRequest(NearResonance(distance), stimulus)).ToArray();
        var volts = new double[traces.Length * stimulus.Length];
        var options = new BatchOptions { Kernel = Enum.Parse<LaneKernelKind>(kernel) };
        var records = BatchSimulator.RunVolts(traces, stimulus.Length, volts, options);
        for (var i = 0; i < traces.Length; i++)
        {
            var exact = GlifSimulator.Run(traces[i].Neuron, stimulus);
            Assert.NotEmpty(exact.SpikeSteps);
            Assert.Equal(exact.SpikeSteps, records[i].SpikeSteps);
            Assert.Equal(exact.VoltageVolts, volts[(i * stimulus.Length)..((i + 1) * stimulus.Length)]);
        }
    }

    /// <summary>The cell's GLIF5 with b_voltage at a relative distance from its own G / C.</summary>
    private static NeuronConfig NearResonance(double distance)
    {
        var neuron = Neurons.Load(5);
        var rate = neuron.ConductanceSiemens / neuron.EffectiveCapacitanceFarads;
        var scalars = new Dictionary<string, double>(neuron.ThresholdDynamics.Scalars)
        {
            ["a_voltage"] = 20,
            ["b_voltage"] = rate * (1 + distance),
        };
        return neuron with { ThresholdDynamics = new NeuronMethod(neuron.ThresholdDynamics.Name, scalars) };
    }

    /// <summary>
    /// The exact recursion in numbers of 300 binary places, on the voltages that the simulator had: theta' = theta e^-bt + a (V - beta) D +
    /// (a / b) (beta - El) (1 - e^-bt), with D = (e^-kt - e^-bt) / (b - k) as the series t e^-kt (1 - x/2! + x^2/3! - ...), x = (b - k) t.
    /// </summary>
    private static double[] Thresholds(NeuronConfig neuron, double[] stimulus, double[] voltages)
    {
        var scalars = neuron.ThresholdDynamics.Scalars;
        Fixed a = Fixed.Of(scalars["a_voltage"]),
            b = Fixed.Of(scalars["b_voltage"]),
            dt = Fixed.Of(neuron.DtSeconds),
            El = Fixed.Of(neuron.RestingPotentialVolts),
            G = Fixed.Of(neuron.ConductanceSiemens),
            k = G / Fixed.Of(neuron.EffectiveCapacitanceFarads);
        var (decay, mean) = (Fixed.Exp(-(b * dt)), dt * Fixed.Exp(-(k * dt)) * Fixed.MeanDecay((b - k) * dt));
        var steadyShare = a / b * (Fixed.One - decay);
        var (theta, V) = (default(Fixed), Fixed.Of(neuron.InitialVoltageVolts));
        var thresholds = new double[stimulus.Length];
        for (var n = 0; n < thresholds.Length; n++)
        {
            var beta = El + Fixed.Of(stimulus[n]) / G;
            theta = theta * decay + a * (V - beta) * mean + steadyShare * (beta - El);
            thresholds[n] = (double)(theta + Fixed.Of(neuron.EffectiveThresholdVolts));
            V = Fixed.Of(voltages[n]);
        }
        return thresholds;
    }

    /// <summary>A number in steps of 2^-300.</summary>
    private readonly record struct Fixed(BigInteger Steps)
    {
        private const int Places = 300;

        public static Fixed One { get; } = new(BigInteger.One << Places);

        public static Fixed operator +(Fixed x, Fixed y) => new(x.Steps + y.Steps);

        public static Fixed operator -(Fixed x, Fixed y) => new(x.Steps - y.Steps);

        public static Fixed operator -(Fixed x) => new(-x.Steps);

        public static Fixed operator *(Fixed x, Fixed y) => new((x.Steps * y.Steps) >> Places);

        public static Fixed operator /(Fixed x, Fixed y) => new((x.Steps << Places) / y.Steps);

        public static explicit operator double(Fixed x) => (double)(x.Steps >> (Places - 100)) * Math.Pow(2, -100);

        /// <summary>A double, exactly.</summary>
        public static Fixed Of(double value)
        {
            var (sign, exponent) = (Math.Sign(value), value == 0 ? 0 : Math.ILogB(value) - 52);
            return new(sign * (new BigInteger(Math.ScaleB(Math.Abs(value), -exponent)) << (Places + exponent)));
        }

        /// <summary>e^x for small x, by its series.</summary>
        public static Fixed Exp(Fixed x) => Series(x, firstDivisor: 1);

        /// <summary>(1 - e^-x) / x for small x, by its series 1 - x/2! + x^2/3! - ...</summary>
        public static Fixed MeanDecay(Fixed x) => Series(-x, firstDivisor: 2);

        private static Fixed Series(Fixed x, int firstDivisor)
        {
            var (sum, term) = (One, One);
            for (var divisor = firstDivisor; term != default; divisor++)
            {
                term = new(term.Steps * x.Steps / divisor >> Places);
                // Shifting rounds down: a negative remainder would never vanish.
                if (term.Steps == -1)
                    term = default;
                sum += term;
            }
            return sum;
        }
    }
}
