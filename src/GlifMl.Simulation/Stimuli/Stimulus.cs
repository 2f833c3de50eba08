namespace GlifMl.Simulation;

/// <summary>An injected current as a function of time. Immutable and thread-safe.</summary>
public abstract class Stimulus
{
    /// <summary>
    /// A sample this near before an edge counts as past it, in s: n x dt in floating point may fall a bit short of the edge, and a
    /// 10 ms pulse must last the same number of samples at its start and its end.
    /// </summary>
    public const double EdgeToleranceSeconds = 1e-9;

    private protected Stimulus(string name, double durationSeconds)
    {
        Name = name;
        DurationSeconds = durationSeconds;
    }

    /// <summary>The name in the catalogue, or the file's path.</summary>
    public string Name { get; }

    /// <summary>When the current ends for good, in s; infinite for a stimulus that repeats for ever.</summary>
    public double DurationSeconds { get; }

    /// <summary>The current in A at a time; 0 before the start and from <see cref="DurationSeconds"/> on.</summary>
    /// <param name="seconds">Time since the start in s.</param>
    public double At(double seconds)
    {
        Span<double> value = [0];
        Fill(seconds, 0, value);
        return value[0];
    }

    /// <summary>Samples the current at n x <paramref name="dt"/>, n = 0, 1, ...</summary>
    /// <param name="dt">The sampling interval in s.</param>
    /// <param name="amperes">[N] receives the current in A.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    public void Sample(double dt, Span<double> amperes)
    {
        if (!(dt > 0 && double.IsFinite(dt)))
        {
            throw new ArgumentOutOfRangeException(nameof(dt), $"sampling interval: found {dt:R} s, expected a positive number");
        }
        Fill(0, dt, amperes);
    }

    /// <summary>Samples that cover a duration: a sample that falls on the end, but for rounding, is not one of them.</summary>
    /// <param name="seconds">The duration in s.</param>
    /// <param name="dt">The sampling interval in s.</param>
    /// <exception cref="ArgumentException">The duration is not a positive number, or more than an array holds.</exception>
    public static int SampleCount(double seconds, double dt)
    {
        var count = Math.Ceiling((seconds - EdgeToleranceSeconds) / dt);
        return count >= 1 && count <= Array.MaxLength
            ? (int)count
            : throw new ArgumentException($"duration: found {seconds:R} s of {dt:R} s samples, expected 1 to {Array.MaxLength} samples");
    }

    /// <summary>Fills in the current at start + n x dt, in A.</summary>
    private protected abstract void Fill(double start, double dt, Span<double> amperes);
}
