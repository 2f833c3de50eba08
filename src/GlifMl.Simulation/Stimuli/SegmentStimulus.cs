namespace GlifMl.Simulation;

/// <summary>A stimulus made of segments in time order, with no current between them.</summary>
internal sealed class SegmentStimulus(string name, IReadOnlyList<Segment> segments) : Stimulus(name, segments[^1].EndSeconds)
{
    private protected override void Fill(double start, double dt, Span<double> amperes)
    {
        var current = 0;
        for (var n = 0; n < amperes.Length; n++)
        {
            var seconds = start + n * dt;
            var reached = seconds + EdgeToleranceSeconds;
            while (current < segments.Count && reached >= segments[current].EndSeconds)
                current++;
            amperes[n] = current < segments.Count && reached >= segments[current].StartSeconds ? segments[current].At(seconds) : 0;
        }
    }
}
