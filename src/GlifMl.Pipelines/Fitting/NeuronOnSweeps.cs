using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>What a neuron does under the currents of a cell's sweeps, beside the cell.</summary>
/// <param name="Neuron">The neuron.</param>
/// <param name="Sweeps">One a sweep, in their order.</param>
internal sealed record NeuronOnSweeps(NeuronConfig Neuron, IReadOnlyList<SimulatedSweep> Sweeps)
{
    /// <summary>
    /// Mean over the sweeps with spikes of how much of their spikes it explains (Teeter et al. 2018, Gaussian of 10 ms); NaN without such
    /// sweeps.
    /// </summary>
    public double ExplainedVariance { get; } =
        Sweeps
            .Where(sweep => sweep.Sweep.SpikeSeconds.Length > 0)
            .Select(sweep => sweep.ExplainedVariance)
            .DefaultIfEmpty(double.NaN)
            .Average();

    /// <summary>Spikes in all sweeps.</summary>
    public int Spikes { get; } = Sweeps.Sum(sweep => sweep.SpikeSeconds.Length);

    /// <summary>Root mean square of simulated less recorded potential where neither spikes, mV; NaN where there is no such place.</summary>
    public double SubthresholdErrorMv { get; } =
        Sweeps.Sum(sweep => sweep.Compared) is > 0 and var compared
            ? Math.Sqrt(Sweeps.Sum(sweep => sweep.SquareMv) / compared)
            : double.NaN;

    /// <summary>Simulates a neuron.</summary>
    public static NeuronOnSweeps Of(NeuronConfig neuron, IReadOnlyList<FittedSweep> sweeps) =>
        new(neuron, [.. sweeps.Select(sweep => SimulatedSweep.Of(neuron, sweep))]);
}

/// <summary>What a neuron does under the current of one sweep.</summary>
/// <param name="Sweep">The sweep.</param>
/// <param name="SpikeSeconds">Its spikes, s from the first kept sample.</param>
/// <param name="VoltageMv">[N] its membrane potential, mV above rest, NaN in spike cuts; what of its trace is kept.</param>
internal sealed record SimulatedSweep(FittedSweep Sweep, double[] SpikeSeconds, float[] VoltageMv)
{
    // A spike is no membrane potential from before its threshold on; what follows it is, until the reset is forgotten, no GLIF's.
    private const double BeforeSpikeSeconds = 2e-3,
        AfterSpikeSeconds = 20e-3;

    /// <summary>Whether a reset above the threshold ended it.</summary>
    public bool BadReset { get; private init; }

    /// <summary>How much of the recorded spikes it explains; 0 where the cell fires and it does not.</summary>
    public double ExplainedVariance { get; } =
        SpikeTrainComparison.ExplainedVariance(SpikeSeconds, Sweep.SpikeSeconds, Sweep.DurationSeconds) ?? double.NaN;

    /// <summary>How many steps are compared.</summary>
    public int Compared { get; private init; }

    /// <summary>The sum of squares over these, mV^2.</summary>
    public double SquareMv { get; private init; }

    /// <summary>Simulates a neuron at the sweep's step.</summary>
    public static SimulatedSweep Of(NeuronConfig neuron, FittedSweep sweep)
    {
        var trace = GlifSimulator.Run(At(neuron, sweep.DtSeconds), sweep.Amperes());
        var (count, square) = Compare(trace, sweep);
        return new SimulatedSweep(sweep, trace.GridSpikeTimesSeconds, Array.ConvertAll(trace.VoltageVolts, v => (float)(1e3 * v)))
        {
            BadReset = trace.BadReset,
            Compared = count,
            SquareMv = square,
        };
    }

    /// <summary>The neuron with another step, whose spikes last as long.</summary>
    public static NeuronConfig At(NeuronConfig neuron, double dtSeconds) =>
        Math.Abs(neuron.DtSeconds - dtSeconds) <= 1e-9 * dtSeconds
            ? neuron
            : (neuron with { DtSeconds = dtSeconds }).WithSpikeCutDuration(neuron.SpikeCutSteps * neuron.DtSeconds);

    private static (int Count, double Square) Compare(GlifTrace trace, FittedSweep sweep)
    {
        var (before, after) = ((int)(BeforeSpikeSeconds / sweep.DtSeconds), (int)(AfterSpikeSeconds / sweep.DtSeconds));
        var (count, square) = (0, 0.0);
        var spiking = new bool[sweep.VoltageMv.Length];
        foreach (var seconds in sweep.SpikeSeconds.Concat(trace.GridSpikeTimesSeconds))
        {
            var at = (int)(seconds / sweep.DtSeconds);
            var from = Math.Clamp(at - before, 0, spiking.Length);
            spiking.AsSpan(from, Math.Clamp(at + after, from, spiking.Length) - from).Fill(true);
        }
        for (var n = 0; n < spiking.Length; n++)
        {
            var difference = (1e3 * trace.VoltageVolts[n]) - sweep.VoltageMv[n];
            if (spiking[n] || !double.IsFinite(difference))
                continue;
            square += difference * difference;
            count++;
        }
        return (count, square);
    }
}
