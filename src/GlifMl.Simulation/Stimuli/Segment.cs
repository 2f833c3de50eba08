namespace GlifMl.Simulation;

/// <summary>A stretch of a stimulus, from a time to a time in s, with its current in A.</summary>
internal abstract class Segment(double startSeconds, double endSeconds)
{
    public double StartSeconds { get; } = startSeconds;

    public double EndSeconds { get; } = endSeconds;

    /// <summary>The current in A at a time of the stimulus that lies in this segment.</summary>
    public abstract double At(double seconds);
}
