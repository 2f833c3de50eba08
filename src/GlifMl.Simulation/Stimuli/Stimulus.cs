using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GlifMl.Simulation;

namespace GlifMl;

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

    /// <summary>When the current ends, in s; infinite for a stimulus that repeats for ever.</summary>
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
            throw new ArgumentOutOfRangeException(
                nameof(dt),
                Invariant.Text($"sampling interval: found {dt:R} s; expected a positive number")
            );
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
            : throw new ArgumentException(
                Invariant.Text($"duration: found {seconds:R} s of {dt:R} s samples; expected 1 to {Array.MaxLength} samples")
            );
    }

    /// <summary>Refuses samples that are not numbers.</summary>
    /// <exception cref="ArgumentException">A sample is NaN or infinite; the message names the first.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RequireFinite(ReadOnlySpan<double> amperes)
    {
        // 0 x NaN and 0 x infinity are NaN and stay NaN in the sum: one pass without branches.
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(amperes);
        var sum = Vector<double>.Zero;
        foreach (var vector in vectors)
            sum += vector * Vector<double>.Zero;
        var isFinite = Vector.Sum(sum) == 0;
        foreach (var value in amperes[(vectors.Length * Vector<double>.Count)..])
            isFinite &= double.IsFinite(value);
        if (isFinite)
            return;
        for (var sample = 0; sample < amperes.Length; sample++)
        {
            if (!double.IsFinite(amperes[sample]))
            {
                throw new ArgumentException(
                    Invariant.Text($"stimulus sample {sample}: found {amperes[sample]}; expected a finite current in A")
                );
            }
        }
    }

    /// <summary>Fills in the current at start + n x dt, in A.</summary>
    private protected abstract void Fill(double start, double dt, Span<double> amperes);
}

/// <summary>A stimulus made of segments in time order, with no current between them.</summary>
internal sealed class SegmentStimulus(string name, IReadOnlyList<Segment> segments) : Stimulus(name, segments[^1].EndSeconds)
{
    private protected override void Fill(double start, double dt, Span<double> amperes)
    {
        var current = 0;
        for (var n = 0; n < amperes.Length; )
        {
            var reached = Reached(start, dt, n);
            while (current < segments.Count && reached >= segments[current].EndSeconds)
                current++;
            if (current == segments.Count)
            {
                amperes[n..].Clear();
                return;
            }
            var isInside = reached >= segments[current].StartSeconds;
            var until = isInside ? segments[current].EndSeconds : segments[current].StartSeconds;
            var next = FirstReaching(until, start, dt, n, amperes.Length);
            if (isInside)
                segments[current].Fill(start, dt, n, amperes[n..next]);
            else
                amperes[n..next].Clear();
            n = next;
        }
    }

    private static double Reached(double start, double dt, int n) => start + n * dt + EdgeToleranceSeconds;

    /// <summary>The first sample that reaches a time which an earlier one does not; the end where none does.</summary>
    private static int FirstReaching(double seconds, double start, double dt, int earlier, int end)
    {
        var (low, high) = (earlier + 1, end);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Reached(start, dt, middle) >= seconds)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}

/// <summary>A stretch of a stimulus, from a time to a time in s, with its current in A.</summary>
internal abstract class Segment(double startSeconds, double endSeconds)
{
    public double StartSeconds { get; } = startSeconds;

    public double EndSeconds { get; } = endSeconds;

    /// <summary>The current in A at a time of the stimulus that lies in this segment.</summary>
    public abstract double At(double seconds);

    /// <summary>Fills in the current at start + n x dt, in A, from sample <paramref name="first"/> on; all lie in this segment.</summary>
    public virtual void Fill(double start, double dt, int first, Span<double> amperes)
    {
        for (var n = 0; n < amperes.Length; n++)
            amperes[n] = At(start + (first + n) * dt);
    }
}

/// <summary>A current that changes at a constant rate; constant where the rate is 0.</summary>
internal sealed class LinearSegment(double startSeconds, double endSeconds, double amperesAtStart, double amperesPerSecond = 0)
    : Segment(startSeconds, endSeconds)
{
    public override double At(double seconds) => amperesAtStart + amperesPerSecond * Math.Max(0, seconds - StartSeconds);
}

/// <summary>Pink noise about a mean: mean x (1 + CV x pink(t - start)).</summary>
internal sealed class NoiseSegment(
    double startSeconds,
    double endSeconds,
    double meanAmperes,
    double coefficientOfVariation,
    PinkNoise noise
) : Segment(startSeconds, endSeconds)
{
    public override double At(double seconds) => meanAmperes * (1 + coefficientOfVariation * noise.At(seconds - StartSeconds));

    // Each trace may have noise of its own, so that this is a large part of simulating.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(double start, double dt, int first, Span<double> amperes)
    {
        noise.Fill(start, dt, first, StartSeconds, amperes);
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(amperes);
        foreach (ref var vector in vectors)
            vector = (vector * coefficientOfVariation + Vector<double>.One) * meanAmperes;
        foreach (ref var value in amperes[(vectors.Length * Vector<double>.Count)..])
            value = meanAmperes * (1 + coefficientOfVariation * value);
    }
}

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
