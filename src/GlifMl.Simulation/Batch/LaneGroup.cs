using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>
/// As many traces as a kernel has lanes, all with the same dynamics, their constants and states side by side. Lanes without a trace
/// of their own repeat the first.
/// </summary>
internal sealed class LaneGroup
{
    private readonly NeuronConstants[] _neurons;
    private readonly List<int>[] _spikeSteps;
    private readonly int[] _badResetSteps;
    private readonly double[] _badResetVoltages;

    public LaneGroup(ReadOnlySpan<NeuronConstants> neurons, double[][] stimuli, int lanes, int steps)
    {
        TraceCount = neurons.Length;
        Lanes = lanes;
        Steps = steps;
        _neurons = new NeuronConstants[lanes];
        Stimuli = new double[lanes][];
        for (var lane = 0; lane < lanes; lane++)
        {
            var trace = lane < neurons.Length ? lane : 0;
            (_neurons[lane], Stimuli[lane]) = (neurons[trace], stimuli[trace]);
        }
        var first = stimuli[0];
        SharedStimulus = Array.TrueForAll(stimuli, stimulus => ReferenceEquals(stimulus, first)) ? first : null;
        _spikeSteps = [.. Enumerable.Range(0, lanes).Select(_ => new List<int>())];
        _badResetSteps = new int[lanes];
        Array.Fill(_badResetSteps, -1);
        _badResetVoltages = new double[lanes];

        (Voltages, SpikeComponents, VoltageComponents, Resumes) = (
            new double[lanes],
            new double[lanes],
            new double[lanes],
            new double[lanes]
        );

        AfterspikeCount = neurons[0].HasAfterspikeCurrents ? neurons[0].AfterspikeDecay.Length : 0;
        Afterspikes = new double[AfterspikeCount * lanes];
        AfterspikeDecay = new double[AfterspikeCount * lanes];
        for (var k = 0; k < AfterspikeCount; k++)
        {
            for (var lane = 0; lane < lanes; lane++)
            {
                Afterspikes[k * lanes + lane] = _neurons[lane].InitialAfterspikes[k];
                AfterspikeDecay[k * lanes + lane] = _neurons[lane].AfterspikeDecay[k];
            }
        }
    }

    public int TraceCount { get; }

    public int Lanes { get; }

    public int Steps { get; }

    public double[][] Stimuli { get; }

    /// <summary>The current of all lanes, or null where they differ.</summary>
    public double[]? SharedStimulus { get; }

    public NeuronConstants Dynamics => _neurons[0];

    /// <summary>How many afterspike currents act; 0 without afterspike dynamics.</summary>
    public int AfterspikeCount { get; }

    /// <summary>[current, lane] in A; the kernel's state.</summary>
    public double[] Afterspikes { get; }

    /// <summary>[current, lane]</summary>
    public double[] AfterspikeDecay { get; }

    /// <summary>[lane] membrane potential in V while <see cref="Spike"/> is at work.</summary>
    public double[] Voltages { get; }

    /// <summary>[lane] the threshold's spike component in V while <see cref="Spike"/> is at work.</summary>
    public double[] SpikeComponents { get; }

    /// <summary>[lane] the threshold's voltage component in V while <see cref="Spike"/> is at work.</summary>
    public double[] VoltageComponents { get; }

    /// <summary>[lane] the step whose sample holds the reset value; infinite where a bad reset ended the trace.</summary>
    public double[] Resumes { get; }

    /// <summary>What neurons in one group have in common.</summary>
    public static (ThresholdKind Threshold, bool IsExactInVoltage, int AfterspikeCount) Kind(NeuronConstants neuron) =>
        (neuron.Threshold, neuron.IsExactInVoltage, neuron.HasAfterspikeCurrents ? neuron.AfterspikeDecay.Length : 0);

    /// <summary>One constant, lane by lane.</summary>
    public double[] Gather(Func<NeuronConstants, double> constant) => Array.ConvertAll(_neurons, neuron => constant(neuron));

    /// <summary>Records the spikes of a step and resets their lanes, in <see cref="Voltages"/> and the other states.</summary>
    /// <param name="spikes">One bit a lane.</param>
    /// <param name="step">The step.</param>
    public void Spike(uint spikes, int step)
    {
        for (; spikes != 0; spikes &= spikes - 1)
        {
            var lane = BitOperations.TrailingZeroCount(spikes);
            Resumes[lane] = Reset(lane, step);
        }
    }

    /// <summary>What the trace in a lane did, and where and with what voltage a bad reset ended it (step -1: it did not).</summary>
    public (SpikeRecord Record, int BadResetStep, double BadResetVoltage) Finish(int lane) =>
        (new SpikeRecord([.. _spikeSteps[lane]], _badResetSteps[lane] >= 0), _badResetSteps[lane], _badResetVoltages[lane]);

    // Returns the step whose sample holds the reset value; infinite where a bad reset ends the trace.
    private double Reset(int lane, int step)
    {
        _spikeSteps[lane].Add(step);
        Span<double> afterspikes = stackalloc double[AfterspikeCount];
        for (var k = 0; k < AfterspikeCount; k++)
            afterspikes[k] = Afterspikes[k * Lanes + lane];
        var neuron = _neurons[lane];
        var threshold = neuron.Reset(ref Voltages[lane], ref SpikeComponents[lane], VoltageComponents[lane], afterspikes);
        for (var k = 0; k < AfterspikeCount; k++)
            Afterspikes[k * Lanes + lane] = afterspikes[k];

        var resume = (long)step + neuron.CutSteps;
        if (!(Voltages[lane] > threshold))
            return resume;
        _badResetSteps[lane] = (int)Math.Min(resume, Steps);
        _badResetVoltages[lane] = Voltages[lane];
        return double.PositiveInfinity;
    }
}

/// <summary>Where a group's voltage goes: [trace, step] rows of the caller's memory, times a factor (1000 for mV).</summary>
internal sealed class LaneOutput<T>(Memory<T> rows, int steps, double factor, int[] traces)
    where T : unmanaged
{
    public double Factor => factor;

    /// <summary>The samples of the trace in a lane.</summary>
    public Span<T> Row(int lane) => rows.Span.Slice(traces[lane] * steps, steps);
}
