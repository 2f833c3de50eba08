using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// What traces leave open of th_inf, whoever reads them. A voltage that is no spike was not above the threshold, and one that is a spike
/// was: the threshold lies between the largest of the first and the smallest of the second, and of a trace without spikes no more is known
/// than that it was not reached. The expected squared error of the best answer is then the variance of the design's range, cut off at both
/// ends.
/// </summary>
/// <remarks>
/// This is exact where everything else follows from the trace: noise-free GLIF1 traces with their current. Recording noise, or a current
/// that is not recorded, can only raise it.
/// </remarks>
internal static class ThresholdFloor
{
    // As many as share a batch of the simulator's lanes; a case study's batch would be 100 MB otherwise.
    private const int BatchTraces = 32;

    // As many are worked out before the first of them is handed out.
    private const int BlockBatches = 64;

    /// <summary>The variance that each trace of a split leaves, V squared; null where it is not known.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="split">One of its splits that has shards.</param>
    /// <param name="traces">Traces of it, from the first on.</param>
    /// <returns>One a trace, worked out as they are gone through.</returns>
    public static IEnumerable<double>? Of(PipelineDefinition definition, string split, int traces)
    {
        var dataset = definition.Dataset;
        if (dataset.Membrane is not null)
            return null;
        var neuron = NeuronConfig.Load(dataset.Neuron);
        var isGlif1 =
            neuron.ThresholdDynamics.Name == "inf"
            && neuron.AfterspikeDynamics.Name == "none"
            && neuron.VoltageDynamics.Name == "linear_forward_euler";
        // The cells held out would make the threshold's range depend on the other parameters.
        if (
            !isGlif1
            || dataset.HoldOut?.Keys.Contains(GlifParameter.Threshold) == true
            || ThresholdPrior.Of(dataset.Parameters) is not { } prior
        )
            return null;
        return Open(dataset.Trace, new SimulatedTraceSource(definition, split), prior, traces);
    }

    private static IEnumerable<double> Open(TraceDefinition trace, SimulatedTraceSource source, ThresholdPrior prior, int traces)
    {
        var open = new double[Math.Min(traces, BatchTraces * BlockBatches)];
        for (var start = 0; start < traces; start += open.Length)
        {
            var (first, count) = (start, Math.Min(open.Length, traces - start));
            Parallel.For(
                0,
                (count + BatchTraces - 1) / BatchTraces,
                () => new double[Math.Min(BatchTraces, count) * trace.Simulate],
                (batch, _, volts) =>
                {
                    var at = batch * BatchTraces;
                    var requests = Enumerable.Range(at, Math.Min(BatchTraces, count - at)).Select(t => source.Request(first + t)).ToArray();
                    var used = volts.AsMemory(0, requests.Length * trace.Simulate);
                    var spikes = BatchSimulator.RunVolts(requests, trace.Simulate, used, new BatchOptions { MaxDegreeOfParallelism = 1 });
                    for (var row = 0; row < requests.Length; row++)
                    {
                        var one = used.Span.Slice(row * trace.Simulate, trace.Simulate);
                        open[at + row] = Open(requests[row], one[..Used(trace, one)], spikes[row].SpikeSteps, prior);
                    }

                    return volts;
                },
                _ => { }
            );
            for (var row = 0; row < count; row++)
                yield return open[row];
        }
    }

    /// <summary>Steps of which a sample is kept, or that lie between such.</summary>
    private static int Used(TraceDefinition trace, ReadOnlySpan<double> volts)
    {
        if (trace.SpikeCuts != SpikeCuts.Drop)
            return Math.Min(trace.Samples, volts.Length);
        var (step, kept) = (0, 0);
        for (; step < volts.Length && kept < trace.Samples; step++)
            kept += double.IsNaN(volts[step]) ? 0 : 1;
        return step;
    }

    private static double Open(SimulationRequest request, ReadOnlySpan<double> volts, int[] spikeSteps, ThresholdPrior prior)
    {
        var neuron = new NeuronConstants(request.Neuron);
        var (below, above) = (double.NegativeInfinity, double.PositiveInfinity);
        foreach (var v in volts)
            below = v > below ? v : below;
        foreach (var step in spikeSteps)
        {
            if (step >= volts.Length)
                break;
            // As the simulator has it: the sample of a spike is cut, what it would have been follows from the one before.
            var before = step == 0 ? neuron.InitialVoltage : volts[step - 1];
            var v = before + ((request.StimulusAmperes[step] - (neuron.G * (before - neuron.El))) * neuron.Dt / neuron.C);
            above = v < above ? v : above;
        }

        var coefficient = neuron.ThresholdInfinity / request.Neuron.Get(GlifParameter.Threshold);
        return prior.Variance(below / coefficient, above / coefficient);
    }
}

/// <summary>How a design spreads th_inf, V, whatever the other parameters are: evenly over values, a range, or its logarithm.</summary>
internal sealed record ThresholdPrior(IReadOnlyList<double> Values, NumberRange? Range)
{
    // Below it the formulas of a range's moments lose their digits, and a part of it is even anyway.
    private const double NarrowShare = 1e-3;

    /// <summary>The design's; null where it does not vary th_inf.</summary>
    public static ThresholdPrior? Of(ParametersDefinition parameters) =>
        parameters.Values.TryGetValue(GlifParameter.Threshold, out var values) ? new(values, null)
        : parameters.Ranges.TryGetValue(GlifParameter.Threshold, out var range) && range.Scale is (RangeScale.Linear or RangeScale.Log)
            ? new([], range)
        : null;

    /// <summary>The variance of what lies between two bounds; 0 where nothing does, or one value.</summary>
    /// <param name="below">The smallest possible.</param>
    /// <param name="above">All possible ones are smaller.</param>
    public double Variance(double below, double above)
    {
        if (Range is not { } range)
        {
            double[] left = [.. Values.Where(v => v >= below && v < above)];
            return left.Length == 0 ? 0 : left.Average(v => v * v) - Math.Pow(left.Average(), 2);
        }

        var (a, b) = (Math.Max(range.Min, below), Math.Min(range.Max, above));
        if (!(b > a))
            return 0;
        if (range.Scale != RangeScale.Log || b - a < NarrowShare * a)
            return (b - a) * (b - a) / 12;
        // Density 1 / (x ln(b / a)).
        var log = Math.Log(b / a);
        var mean = (b - a) / log;
        return ((b * b) - (a * a)) / (2 * log) - (mean * mean);
    }
}
