namespace GlifMl.Onnx;

/// <summary>How the statistics of single traces (<see cref="TraceStatistics"/>) were spread over the training data.</summary>
/// <param name="Mean">Spread of the traces' means; mV for voltages, pA for stimuli, as are the others.</param>
/// <param name="StandardDeviation">Spread of the traces' standard deviations.</param>
/// <param name="Minimum">Spread of the traces' smallest samples.</param>
/// <param name="Maximum">Spread of the traces' largest samples.</param>
public sealed record TraceRanges(ValueRange Mean, ValueRange StandardDeviation, ValueRange Minimum, ValueRange Maximum)
{
    /// <summary>The spread over some traces.</summary>
    /// <param name="traces">One entry a trace, at least one.</param>
    /// <returns>The spread.</returns>
    /// <exception cref="ArgumentException">There is no trace.</exception>
    public static TraceRanges Of(IReadOnlyCollection<TraceStatistics> traces) =>
        new(
            ValueRange.Of(traces.Select(t => t.Mean)),
            ValueRange.Of(traces.Select(t => t.StandardDeviation)),
            ValueRange.Of(traces.Select(t => t.Minimum)),
            ValueRange.Of(traces.Select(t => t.Maximum))
        );
}
