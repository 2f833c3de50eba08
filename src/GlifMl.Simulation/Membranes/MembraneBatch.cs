using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>Simulates many membranes at once, traces in SIMD lanes: the bits of <see cref="MembraneSimulator"/>.</summary>
internal static class MembraneBatch
{
    /// <summary>Simulates into mV.</summary>
    /// <param name="traces">[N] the traces.</param>
    /// <param name="steps">How many steps each.</param>
    /// <param name="voltageMv">[N, steps] receives the voltages, mV; spikes are NaN, or action potentials of cells with a peak.</param>
    /// <param name="kernel">The kernel. Default null: the fastest.</param>
    /// <returns>[N] the steps of each trace's spikes.</returns>
    public static int[][] RunMillivolts(
        IReadOnlyList<MembraneRequest> traces,
        int steps,
        Memory<float> voltageMv,
        LaneKernelKind? kernel = null
    ) => Run(traces, steps, voltageMv, 1000, kernel);

    /// <summary>Simulates into V.</summary>
    /// <param name="traces">[N] the traces.</param>
    /// <param name="steps">How many steps each.</param>
    /// <param name="voltageVolts">[N, steps] receives the voltages, V.</param>
    /// <param name="kernel">The kernel. Default null: the fastest.</param>
    /// <returns>[N] the steps of each trace's spikes.</returns>
    public static int[][] RunVolts(
        IReadOnlyList<MembraneRequest> traces,
        int steps,
        Memory<double> voltageVolts,
        LaneKernelKind? kernel = null
    ) => Run(traces, steps, voltageVolts, 1, kernel);

    private static int[][] Run<TOut>(
        IReadOnlyList<MembraneRequest> traces,
        int steps,
        Memory<TOut> rows,
        double factor,
        LaneKernelKind? kernel
    )
        where TOut : unmanaged, INumberBase<TOut>
    {
        if (rows.Length != (long)traces.Count * steps)
            throw new ArgumentException($"voltage memory: found {rows.Length} samples; expected {traces.Count} traces x {steps} steps");
        var kind = kernel ?? LaneKernels.Selected;
        var spikes = new int[traces.Count][];
        foreach (var members in Enumerable.Range(0, traces.Count).Chunk(LaneKernels.LaneCount(kind)))
        {
            var group = new MembraneGroup([.. members.Select(trace => traces[trace])], LaneKernels.LaneCount(kind), steps);
            LaneKernels.Run(kind, group, new LaneOutput<TOut>(rows, steps, factor, members));
            for (var lane = 0; lane < members.Length; lane++)
            {
                var trace = members[lane];
                spikes[trace] = [.. group.SpikeSteps[lane]];
                ActionPotential.Draw(group.Cell(lane), spikes[trace], rows.Span.Slice(trace * steps, steps), factor);
            }
        }
        return spikes;
    }
}

/// <summary>One trace of a membrane to simulate.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="StimulusAmperes">The injected current, A, at least as many samples as steps.</param>
internal sealed record MembraneRequest(MembraneCell Cell, double[] StimulusAmperes);

/// <summary>As many membranes as a kernel has lanes, their states side by side. Lanes without a trace repeat the first.</summary>
internal sealed class MembraneGroup
{
    private readonly MembraneConstants[] _cells;

    /// <summary>The cell in a lane.</summary>
    public MembraneConstants Cell(int lane) => _cells[lane];

    public MembraneGroup(MembraneRequest[] traces, int lanes, int steps)
    {
        (TraceCount, Lanes, Steps) = (traces.Length, lanes, steps);
        _cells = new MembraneConstants[lanes];
        Stimuli = new double[lanes][];
        for (var lane = 0; lane < lanes; lane++)
        {
            var trace = traces[lane < traces.Length ? lane : 0];
            if (trace.StimulusAmperes.Length < steps)
                throw new ArgumentException($"found a stimulus of {trace.StimulusAmperes.Length} samples; expected at least {steps}");
            Stimulus.RequireFinite(trace.StimulusAmperes.AsSpan(0, steps));
            _cells[lane] = lane < traces.Length ? new MembraneConstants(trace.Cell) : _cells[0];
            Stimuli[lane] = trace.StimulusAmperes;
        }
        AfterspikeCount = _cells.Max(cell => cell.AfterspikeDecay.Length);
        JumpCount = _cells.Max(cell => cell.JumpDecay.Length);
        Afterspikes = Spread(AfterspikeCount, cell => cell.InitialAfterspikes);
        AfterspikeDecay = Spread(AfterspikeCount, cell => cell.AfterspikeDecay);
        Jumps = new double[JumpCount * lanes];
        JumpDecay = Spread(JumpCount, cell => cell.JumpDecay);
        (Voltages, Potassium, Following, Jitter) = (
            new double[lanes],
            new double[lanes],
            new double[lanes],
            Gather(cell => cell.Jitter(0))
        );
        Resumes = new double[lanes];
        Array.Fill(Resumes, double.NegativeInfinity);
        SpikeSteps = [.. Enumerable.Range(0, lanes).Select(_ => new List<int>())];
        IsExponential = Array.Exists(_cells, cell => cell.IsExponential);
    }

    public int TraceCount { get; }

    public int Lanes { get; }

    public int Steps { get; }

    public double[][] Stimuli { get; }

    /// <summary>Whether any lane has an exponential spike current.</summary>
    public bool IsExponential { get; }

    public int AfterspikeCount { get; }

    /// <summary>[current, lane], A.</summary>
    public double[] Afterspikes { get; }

    /// <summary>[current, lane]</summary>
    public double[] AfterspikeDecay { get; }

    public int JumpCount { get; }

    /// <summary>[component, lane] the threshold's spike components, V.</summary>
    public double[] Jumps { get; }

    /// <summary>[component, lane]</summary>
    public double[] JumpDecay { get; }

    /// <summary>[lane] voltages above rest, V, while <see cref="Spike"/> is at work.</summary>
    public double[] Voltages { get; }

    /// <summary>[lane] potassium conductances, S, while <see cref="Spike"/> is at work.</summary>
    public double[] Potassium { get; }

    /// <summary>[lane] the thresholds' voltage components, V, while <see cref="Spike"/> is at work.</summary>
    public double[] Following { get; }

    /// <summary>[lane] the thresholds' jitter, V.</summary>
    public double[] Jitter { get; }

    /// <summary>[lane] the step whose sample holds the reset value.</summary>
    public double[] Resumes { get; }

    /// <summary>[lane] the steps of the spikes so far.</summary>
    public List<int>[] SpikeSteps { get; }

    /// <summary>One constant, lane by lane.</summary>
    public double[] Gather(Func<MembraneConstants, double> constant) => Array.ConvertAll(_cells, cell => constant(cell));

    /// <summary>Records the spikes of a step and resets their lanes.</summary>
    /// <param name="spikes">One bit a lane.</param>
    /// <param name="step">The step.</param>
    public void Spike(uint spikes, int step)
    {
        for (; spikes != 0; spikes &= spikes - 1)
            Reset(BitOperations.TrailingZeroCount(spikes), step);
    }

    private void Reset(int lane, int step)
    {
        var cell = _cells[lane];
        SpikeSteps[lane].Add(step);
        Span<double> afterspikes = stackalloc double[cell.AfterspikeDecay.Length];
        Span<double> jumps = stackalloc double[cell.JumpDecay.Length];
        for (var k = 0; k < afterspikes.Length; k++)
            afterspikes[k] = Afterspikes[(k * Lanes) + lane];
        for (var k = 0; k < jumps.Length; k++)
            jumps[k] = Jumps[(k * Lanes) + lane];
        Jitter[lane] = cell.Reset(ref Voltages[lane], ref Potassium[lane], Following[lane], afterspikes, jumps, SpikeSteps[lane].Count);
        for (var k = 0; k < afterspikes.Length; k++)
            Afterspikes[(k * Lanes) + lane] = afterspikes[k];
        for (var k = 0; k < jumps.Length; k++)
            Jumps[(k * Lanes) + lane] = jumps[k];
        Resumes[lane] = (double)step + cell.CutSteps;
    }

    private double[] Spread(int count, Func<MembraneConstants, double[]> values)
    {
        var spread = new double[count * Lanes];
        for (var lane = 0; lane < Lanes; lane++)
        {
            var own = values(_cells[lane]);
            for (var k = 0; k < own.Length; k++)
                spread[(k * Lanes) + lane] = own[k];
        }
        return spread;
    }
}
