namespace GlifMl.Pipelines;

/// <summary>
/// The unknowns of a GLIF of one level (Teeter et al. 2018, table 1) as a search takes them: numbers of the size 1, without bounds.
/// </summary>
internal sealed class RefinedForm
{
    private const double Milli = 1e-3;

    // Rates of decay have bounds, so that a component neither is a constant nor is gone before it counts, s.
    private const double ShortestSeconds = 2e-3,
        LongestSeconds = 2;

    private readonly NeuronConfig _start;
    private readonly double[] _deviations;

    /// <param name="level">1 to 5.</param>
    /// <param name="start">The published-like neuron.</param>
    /// <param name="deviations">Of ln R, ln C and ln threshold.</param>
    public RefinedForm(int level, NeuronConfig start, double[] deviations)
    {
        (Level, _start, _deviations) = (level, start, deviations);
        Resets = level is 2 or 4 or 5;
        HasCurrents = level >= 3;
        Count = 3 + (Resets ? 4 : 0) + (HasCurrents ? 4 : 0) + (level == 5 ? 2 : 0);
    }

    /// <summary>Which GLIF.</summary>
    public int Level { get; }

    /// <summary>Whether voltage and threshold have reset rules.</summary>
    public bool Resets { get; }

    /// <summary>Whether there are afterspike currents.</summary>
    public bool HasCurrents { get; }

    /// <summary>How many unknowns there are: ln R, ln C, ln threshold, then those of the level.</summary>
    public int Count { get; }

    /// <summary>The published-like neuron's unknowns, whatever the level adds left out or weak.</summary>
    public double[] Start()
    {
        var x = new double[Count];
        var k = 3;
        if (Resets)
        {
            // A reset to a third of the threshold, a threshold that rises by 2 mV for 30 ms.
            (x[k], x[k + 1], x[k + 2], x[k + 3]) = (-0.7, 0, Math.Log(2), Math.Log(30e-3));
            k += 4;
        }
        if (HasCurrents)
        {
            (x[k], x[k + 1], x[k + 2], x[k + 3]) = (-0.05, -0.1, Math.Log(0.15), Math.Log(0.02));
            k += 4;
        }
        if (Level == 5)
            (x[k], x[k + 1]) = (0.1, Math.Log(50e-3));
        return x;
    }

    /// <summary>How far the first steps of a search go.</summary>
    public double[] Steps()
    {
        var steps = new double[Count];
        Array.Fill(steps, 0.3);
        (steps[0], steps[1], steps[2]) = (0.15, 0.15, 0.1);
        if (HasCurrents)
            steps.AsSpan(3 + (Resets ? 4 : 0), 2).Fill(0.08);
        return steps;
    }

    /// <summary>How unlikely R, C and threshold are, by the reading: half a square of standard deviations each.</summary>
    public double Distance(ReadOnlySpan<double> x)
    {
        var sum = 0.0;
        for (var p = 0; p < 3; p++)
            sum += Math.Pow(x[p] / _deviations[p], 2) / 2;
        return sum;
    }

    /// <summary>The neuron.</summary>
    /// <param name="x">The unknowns; those of R, C and threshold from the published-like neuron's.</param>
    public NeuronConfig Neuron(ReadOnlySpan<double> x)
    {
        var threshold = _start.ThresholdInfinityVolts * Math.Exp(x[2]);
        var neuron = _start with
        {
            InputResistanceOhms = _start.InputResistanceOhms * Math.Exp(x[0]),
            CapacitanceFarads = _start.CapacitanceFarads * Math.Exp(x[1]),
            ThresholdInfinityVolts = threshold,
            InitialThresholdVolts = threshold,
        };
        var k = 3;
        if (Resets)
        {
            var (slope, offset) = (1 / (1 + Math.Exp(-x[k])), x[k + 1] * 10 * Milli);
            var component = new Dictionary<string, double> { ["a_spike"] = Milli * Math.Exp(x[k + 2]), ["b_spike"] = 1 / Tau(x[k + 3]) };
            var dynamics = new Dictionary<string, double>(component) { ["a_voltage"] = 0, ["b_voltage"] = 0 };
            if (Level == 5)
                (dynamics["a_voltage"], dynamics["b_voltage"]) = (x[^2] / Tau(x[^1]), 1 / Tau(x[^1]));
            neuron = neuron with
            {
                VoltageReset = new NeuronMethod("v_before", new Dictionary<string, double> { ["a"] = slope, ["b"] = offset }),
                ThresholdReset = new NeuronMethod("three_components", component),
                ThresholdDynamics = new NeuronMethod(Level == 5 ? "three_components_exact" : "spike_component", dynamics),
            };
            k += 4;
        }
        if (!HasCurrents)
            return neuron;
        var rheobase = threshold / neuron.InputResistanceOhms;
        return neuron with
        {
            AfterspikeAmplitudesAmperes = [x[k] * rheobase, x[k + 1] * rheobase],
            AfterspikeTimeConstantsSeconds = [Tau(x[k + 2]), Tau(x[k + 3])],
            AfterspikeDynamics = new NeuronMethod("exp"),
            AfterspikeReset = new NeuronMethod("sum", vectors: new Dictionary<string, double[]> { ["r"] = [1, 1] }),
        };
    }

    private static double Tau(double log) => Math.Clamp(Math.Exp(log), ShortestSeconds, LongestSeconds);
}
