namespace GlifMl.Simulation;

/// <summary>A current given by evenly spaced samples, each held until the next, as an amplifier's command is.</summary>
internal sealed class SampledSegment(double startSeconds, double intervalSeconds, double[] amperes)
    : Segment(startSeconds, startSeconds + intervalSeconds * amperes.Length)
{
    public override double At(double seconds)
    {
        var index = (long)((seconds + Stimulus.EdgeToleranceSeconds - StartSeconds) / intervalSeconds);
        return amperes[Math.Clamp(index, 0, amperes.Length - 1)];
    }
}
