using GlifMl.Simulation;

namespace GlifMl;

/// <summary>
/// The exact GLIF simulator: one neuron, every state recorded. It follows the Allen Institute's Python simulator to the last bits
/// that exp leaves (relative 1e-12) with identical spike steps.
/// </summary>
public static class GlifSimulator
{
    /// <summary>Simulates a neuron; one step a stimulus sample.</summary>
    /// <remarks>
    /// A spike at step t with a cut of n steps leaves NaN in t..t+n-1 and the reset values at t+n; the next step computed is t+n+1.
    /// A reset above threshold holds its value for five more samples and ends the trace.
    /// </remarks>
    /// <param name="neuron">The neuron; its dt is the stimulus's sampling interval.</param>
    /// <param name="stimulusAmperes">[N] the injected current in A.</param>
    /// <exception cref="ArgumentException">The config is impossible, or a sample of the stimulus is NaN or infinite.</exception>
    public static GlifTrace Run(NeuronConfig neuron, ReadOnlySpan<double> stimulusAmperes)
    {
        Stimulus.RequireFinite(stimulusAmperes);
        var constants = new NeuronConstants(neuron);
        var recorder = new TraceRecorder(constants, stimulusAmperes.Length);
        var afterspikes = (double[])constants.InitialAfterspikes.Clone();
        var (V, spikeComponent, voltageComponent, threshold) = (constants.InitialVoltage, 0.0, 0.0, constants.InitialThreshold);

        for (var step = 0; step < stimulusAmperes.Length; step++)
        {
            var (voltageBefore, thresholdBefore) = (V, threshold);
            var I = stimulusAmperes[step] + Sum(afterspikes);
            V = NextVoltage(constants, voltageBefore, I);
            threshold = NextThreshold(constants, voltageBefore, I, ref spikeComponent, ref voltageComponent);
            for (var k = 0; k < afterspikes.Length; k++)
                afterspikes[k] *= constants.AfterspikeDecay[k];

            if (V > threshold)
            {
                recorder.Spike(step, voltageBefore, V, thresholdBefore, threshold);
                threshold = constants.Reset(ref V, ref spikeComponent, voltageComponent, afterspikes);
                step = (int)Math.Min((long)step + constants.CutSteps, stimulusAmperes.Length);
                if (V > threshold)
                {
                    recorder.BadReset(step, V, threshold, afterspikes);
                    break;
                }
            }
            recorder.Record(step, V, threshold, afterspikes);
        }
        return recorder.ToTrace();
    }

    private static double Sum(double[] currents)
    {
        var sum = 0.0;
        foreach (var current in currents)
            sum += current;
        return sum;
    }

    // C dV/dt = I - G (V - El): Teeter et al. 2018, eq. 1; I holds the afterspike currents.
    private static double NextVoltage(NeuronConstants c, double V, double I) =>
        c.IsExactInVoltage ? V * c.MembraneDecay + (I + c.G * c.El) / c.G * (1 - c.MembraneDecay) : V + (I - c.G * (V - c.El)) * c.Dt / c.C;

    // d(theta_s)/dt = -b_s theta_s and d(theta_v)/dt = a_v (V - El) - b_v theta_v, both solved exactly over the step, the latter
    // with V relaxing to beta = El + I / G: Teeter et al. 2018, eqs. 3 and 4.
    private static double NextThreshold(NeuronConstants c, double V, double I, ref double spikeComponent, ref double voltageComponent)
    {
        if (c.Threshold == ThresholdKind.Infinity)
            return c.ThresholdInfinity;
        if (c.Threshold == ThresholdKind.SpikeAndVoltage)
        {
            var beta = (I + c.G * c.El) / c.G;
            voltageComponent = voltageComponent * c.VoltageComponentDecay + c.DrivenGain * (V - beta) + c.SteadyGain * (beta - c.El);
        }
        spikeComponent *= c.SpikeComponentDecay;
        return spikeComponent + voltageComponent + c.ThresholdInfinity;
    }
}

/// <summary>What a GLIF neuron did under a stimulus of N samples and K afterspike currents.</summary>
public sealed record GlifTrace
{
    /// <summary>The integration step in s.</summary>
    public required double DtSeconds { get; init; }

    /// <summary>[N] membrane potential in V after each step, NaN in spike cuts.</summary>
    public required double[] VoltageVolts { get; init; }

    /// <summary>[N] threshold in V after each step, NaN in spike cuts.</summary>
    public required double[] ThresholdVolts { get; init; }

    /// <summary>[K][N] afterspike currents in A after each step, NaN in spike cuts.</summary>
    public required double[][] AfterspikeCurrentsAmperes { get; init; }

    /// <summary>The steps in which the voltage crossed the threshold.</summary>
    public required int[] SpikeSteps { get; init; }

    /// <summary>Spike times in s on the grid: step x dt.</summary>
    public required double[] GridSpikeTimesSeconds { get; init; }

    /// <summary>
    /// Spike times in s with the crossing of voltage and threshold interpolated linearly: step x dt + the crossing's offset in the
    /// step, as the Allen Institute's simulator counts them (so up to one dt late).
    /// </summary>
    public required double[] InterpolatedSpikeTimesSeconds { get; init; }

    /// <summary>Whether a reset left the voltage above threshold, which ends the trace: NaN from there.</summary>
    public required bool BadReset { get; init; }
}

/// <summary>Collects the states of one simulation. What is never recorded stays NaN.</summary>
internal sealed class TraceRecorder
{
    private readonly double _dt;
    private readonly double[] _voltage;
    private readonly double[] _threshold;
    private readonly double[][] _afterspikes;
    private readonly List<int> _spikeSteps = [];
    private readonly List<double> _interpolatedTimes = [];
    private bool _badReset;

    public TraceRecorder(NeuronConstants constants, int steps)
    {
        _dt = constants.Dt;
        _voltage = NaNs(steps);
        _threshold = NaNs(steps);
        _afterspikes = [.. constants.InitialAfterspikes.Select(_ => NaNs(steps))];
    }

    public void Record(int step, double voltage, double threshold, double[] afterspikes)
    {
        if (step >= _voltage.Length)
            return;
        _voltage[step] = voltage;
        _threshold[step] = threshold;
        for (var k = 0; k < afterspikes.Length; k++)
            _afterspikes[k][step] = afterspikes[k];
    }

    public void Spike(int step, double voltageBefore, double voltage, double thresholdBefore, double threshold)
    {
        _spikeSteps.Add(step);
        var offset = _dt * (thresholdBefore - voltageBefore) / (voltage - voltageBefore - (threshold - thresholdBefore));
        _interpolatedTimes.Add(step * _dt + offset);
    }

    public void BadReset(int step, double voltage, double threshold, double[] afterspikes)
    {
        _badReset = true;
        for (var held = 0; held <= NeuronConstants.SamplesAfterBadReset; held++)
            Record(step + held, voltage, threshold, afterspikes);
    }

    public GlifTrace ToTrace() =>
        new()
        {
            DtSeconds = _dt,
            VoltageVolts = _voltage,
            ThresholdVolts = _threshold,
            AfterspikeCurrentsAmperes = _afterspikes,
            SpikeSteps = [.. _spikeSteps],
            GridSpikeTimesSeconds = [.. _spikeSteps.Select(step => step * _dt)],
            InterpolatedSpikeTimesSeconds = [.. _interpolatedTimes],
            BadReset = _badReset,
        };

    private static double[] NaNs(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }
}
