namespace GlifMl.Simulation;

/// <summary>A current given at breakpoints, linear between them.</summary>
internal sealed class BreakpointSegment(double[] seconds, double[] amperes) : Segment(seconds[0], seconds[^1] + LastSampleSeconds)
{
    // The last breakpoint belongs to the segment, whose end is exclusive and found with EdgeToleranceSeconds.
    private const double LastSampleSeconds = 2 * Stimulus.EdgeToleranceSeconds;

    public override double At(double time)
    {
        var found = Array.BinarySearch(seconds, time);
        if (found >= 0)
            return amperes[found];
        var next = ~found;
        if (next == 0)
            return amperes[0];
        if (next == seconds.Length)
            return amperes[^1];
        var fraction = (time - seconds[next - 1]) / (seconds[next] - seconds[next - 1]);
        return amperes[next - 1] + fraction * (amperes[next] - amperes[next - 1]);
    }
}
