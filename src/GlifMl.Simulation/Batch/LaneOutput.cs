namespace GlifMl.Simulation;

/// <summary>Where a group's voltage goes: [trace, step] rows of the caller's memory, times a factor (1000 for mV).</summary>
internal sealed class LaneOutput<T>(Memory<T> rows, int steps, double factor, int[] traces)
    where T : unmanaged
{
    public double Factor => factor;

    /// <summary>The samples of the trace in a lane.</summary>
    public Span<T> Row(int lane) => rows.Span.Slice(traces[lane] * steps, steps);
}
