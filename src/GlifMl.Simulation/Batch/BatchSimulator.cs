namespace GlifMl.Simulation;

/// <summary>
/// Simulates many traces at once: traces in SIMD lanes, lane groups over the cores. Voltages are bit for bit those of
/// <see cref="GlifSimulator"/>, whatever the kernel, the number of cores and the traces that run beside each.
/// </summary>
public static class BatchSimulator
{
    /// <summary>Simulates into single-precision mV.</summary>
    /// <param name="traces">[N] the traces.</param>
    /// <param name="steps">How many steps each.</param>
    /// <param name="voltageMv">[N, steps] receives the membrane potential in mV, NaN in spike cuts: (float)(1000 V).</param>
    /// <param name="options">How to run. Default: all defaults.</param>
    /// <returns>[N] the spikes of each trace.</returns>
    /// <exception cref="ArgumentException">A config is impossible, or a stimulus too short, NaN or infinite; the trace is
    /// named.</exception>
    public static SpikeRecord[] RunMillivolts(
        IReadOnlyList<SimulationRequest> traces,
        int steps,
        Memory<float> voltageMv,
        BatchOptions? options = null
    ) => Run(traces, steps, voltageMv, 1000, mv => (float)mv, options ?? new BatchOptions());

    /// <summary>Simulates into double-precision V.</summary>
    /// <param name="traces">[N] the traces.</param>
    /// <param name="steps">How many steps each.</param>
    /// <param name="voltageVolts">[N, steps] receives the membrane potential in V, NaN in spike cuts.</param>
    /// <param name="options">How to run. Default: all defaults.</param>
    /// <returns>[N] the spikes of each trace.</returns>
    /// <exception cref="ArgumentException">A config is impossible, or a stimulus too short, NaN or infinite; the trace is
    /// named.</exception>
    public static SpikeRecord[] RunVolts(
        IReadOnlyList<SimulationRequest> traces,
        int steps,
        Memory<double> voltageVolts,
        BatchOptions? options = null
    ) => Run(traces, steps, voltageVolts, 1, volts => volts, options ?? new BatchOptions());

    private static SpikeRecord[] Run<TOut>(
        IReadOnlyList<SimulationRequest> traces,
        int steps,
        Memory<TOut> rows,
        double factor,
        Func<double, TOut> convert,
        BatchOptions options
    )
        where TOut : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (rows.Length != (long)traces.Count * steps)
        {
            throw new ArgumentException($"voltage memory: found {rows.Length} samples; expected {traces.Count} traces x {steps} steps");
        }
        RequireStimuli(traces, steps);
        var neurons = new NeuronConstants[traces.Count];
        for (var trace = 0; trace < neurons.Length; trace++)
            neurons[trace] = Named(trace, () => new NeuronConstants(traces[trace].Neuron));

        var kind = options.Kernel ?? LaneKernels.Selected;
        var lanes = LaneKernels.LaneCount(kind);
        var groups = Enumerable
            .Range(0, traces.Count)
            .GroupBy(trace => LaneGroup.Kind(neurons[trace]))
            .SelectMany(same => same.Chunk(lanes))
            .ToArray();
        var records = new SpikeRecord[traces.Count];
        Parallel.For(
            0,
            groups.Length,
            new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism },
            index =>
            {
                var members = groups[index];
                var group = new LaneGroup(
                    Array.ConvertAll(members, trace => neurons[trace]),
                    Array.ConvertAll(members, trace => traces[trace].StimulusAmperes),
                    lanes,
                    steps
                );
                var output = new LaneOutput<TOut>(rows, steps, factor, members);
                LaneKernels.Run(kind, group, output);
                for (var lane = 0; lane < members.Length; lane++)
                {
                    var (record, badStep, badVoltage) = group.Finish(lane);
                    records[members[lane]] = record;
                    if (badStep < 0)
                        continue;
                    var held = Math.Min(badStep + NeuronConstants.SamplesAfterBadReset + 1, steps);
                    output.Row(lane)[badStep..held].Fill(convert(badVoltage * factor));
                }
            }
        );
        return records;
    }

    private static void RequireStimuli(IReadOnlyList<SimulationRequest> traces, int steps)
    {
        var seen = new HashSet<double[]>(ReferenceEqualityComparer.Instance);
        for (var trace = 0; trace < traces.Count; trace++)
        {
            var stimulus = traces[trace].StimulusAmperes;
            if (stimulus.Length < steps)
            {
                throw new ArgumentException($"trace {trace}: found a stimulus of {stimulus.Length} samples; expected at least {steps}");
            }
            if (seen.Add(stimulus))
                Named(trace, () => Stimulus.RequireFinite(stimulus.AsSpan(0, steps)));
        }
    }

    private static void Named(int trace, Action check) =>
        Named(
            trace,
            () =>
            {
                check();
                return true;
            }
        );

    private static T Named<T>(int trace, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"trace {trace}: {e.Message}", e);
        }
    }
}

/// <summary>One trace to simulate.</summary>
/// <param name="Neuron">The neuron; its dt is the stimulus's sampling interval.</param>
/// <param name="StimulusAmperes">
/// The injected current in A, at least as many samples as steps. Traces under the same current should share the array: that is faster.
/// </param>
public sealed record SimulationRequest(NeuronConfig Neuron, double[] StimulusAmperes);

/// <summary>What a trace of a batch did besides its voltage.</summary>
/// <param name="SpikeSteps">The steps in which the voltage crossed the threshold.</param>
/// <param name="BadReset">Whether a reset left the voltage above threshold, which ends the trace: NaN from there.</param>
public sealed record SpikeRecord(int[] SpikeSteps, bool BadReset);

/// <summary>How the batch simulator runs. No option changes a bit of its results.</summary>
public sealed record BatchOptions
{
    /// <summary>The kernel. Default null: <see cref="LaneKernels.Selected"/>.</summary>
    internal LaneKernelKind? Kernel { get; init; }

    /// <summary>How many cores at most. Default: all.</summary>
    public int MaxDegreeOfParallelism { get; init; } = Environment.ProcessorCount;
}
