namespace GlifMl.Simulation;

/// <summary>A current that changes at a constant rate; constant where the rate is 0.</summary>
internal sealed class LinearSegment(double startSeconds, double endSeconds, double amperesAtStart, double amperesPerSecond = 0)
    : Segment(startSeconds, endSeconds)
{
    public override double At(double seconds) => amperesAtStart + amperesPerSecond * Math.Max(0, seconds - StartSeconds);
}
