namespace GlifMl.Simulation;

/// <summary>The form of a sweep's current.</summary>
/// <param name="Shape">What it is like.</param>
/// <param name="First">The first sample of the stimulus, of a test pulse not; -1 where there is none.</param>
/// <param name="End">The first sample after it.</param>
/// <param name="HoldingPa">The steady current before it, pA.</param>
/// <param name="AmplitudePa">The current of a step or pulse, the last of a ramp, the mean of a waveform, less the holding current,
/// pA.</param>
/// <param name="ChangeSample">The first sample at which the current changes: that of a test pulse where there is one; -1: none.</param>
internal readonly record struct StimulusForm(
    StimulusShape Shape,
    int First,
    int End,
    double HoldingPa,
    double AmplitudePa,
    int ChangeSample
)
{
    // Short Squares last 3 ms, Long Squares 1 s.
    private const double LongestPulseSeconds = 0.05;

    // Of a step at most this share of samples may be another current, such as those on its way up.
    private const double OtherShare = 0.02;
    private const double SameShare = 0.02;

    // A staircase of equal steps has 0.995 with enough of them; noise never.
    private const double RampCorrelation = 0.995;

    /// <summary>The form of a current.</summary>
    /// <param name="currentPa">The current, pA; NaN where it is not known.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    public static StimulusForm Of(ReadOnlySpan<float> currentPa, double dtSeconds)
    {
        var (holding, threshold) = SteadyCurrent.Of(currentPa, dtSeconds);
        var change = SteadyCurrent.Onset(currentPa, holding, threshold);
        if (change < 0)
            return new(StimulusShape.None, -1, currentPa.Length, holding, 0, -1);
        var first = SteadyCurrent.TestPulse(currentPa, dtSeconds, holding, threshold, change) is (_, var next) ? next : change;
        var end = currentPa.Length;
        while (end > first && !(Math.Abs(currentPa[end - 1] - holding) > threshold))
            end--;
        var active = currentPa[first..end];
        var level = Middle(active);
        var same = Math.Max(threshold, SameShare * Math.Abs(level - holding));
        var others = 0;
        foreach (var current in active)
            others += Math.Abs(current - level) <= same ? 0 : 1;
        if (others <= Math.Max(2, OtherShare * active.Length))
        {
            var shape = active.Length * dtSeconds <= LongestPulseSeconds ? StimulusShape.Pulse : StimulusShape.Step;
            return new(shape, first, end, holding, level - holding, change);
        }
        var (mean, correlation) = Trend(active);
        return Math.Abs(correlation) >= RampCorrelation
            ? new(StimulusShape.Ramp, first, end, holding, active[^1] - holding, change)
            : new(StimulusShape.Waveform, first, end, holding, mean - holding, change);
    }

    // The median of at most a thousand samples spread over all of them.
    private static double Middle(ReadOnlySpan<float> current)
    {
        Span<float> some = stackalloc float[1000];
        var stride = Math.Max(1, current.Length / some.Length);
        var count = 0;
        for (var i = stride / 2; i < current.Length && count < some.Length; i += stride)
            some[count++] = current[i];
        return SweepStatistics.MedianOf(some[..count]);
    }

    // Mean, and correlation with time.
    private static (double Mean, double Correlation) Trend(ReadOnlySpan<float> current)
    {
        double n = 0,
            t = 0,
            c = 0,
            tt = 0,
            tc = 0,
            cc = 0;
        for (var i = 0; i < current.Length; i++)
        {
            if (!float.IsFinite(current[i]))
                continue;
            var (x, y) = ((double)i / current.Length, (double)current[i]);
            (n, t, c, tt, tc, cc) = (n + 1, t + x, c + y, tt + (x * x), tc + (x * y), cc + (y * y));
        }
        var spread = Math.Sqrt(((n * tt) - (t * t)) * ((n * cc) - (c * c)));
        return (c / n, spread > 0 ? ((n * tc) - (t * c)) / spread : 0);
    }
}

/// <summary>What the current of a sweep is like from where it first changes on, a test pulse before it left out.</summary>
internal enum StimulusShape
{
    /// <summary>No current, or none that changes.</summary>
    None,

    /// <summary>One constant current, too short for a membrane to settle.</summary>
    Pulse,

    /// <summary>One constant current, long enough to settle or to fire under.</summary>
    Step,

    /// <summary>A current that grows evenly.</summary>
    Ramp,

    /// <summary>Anything else, such as noise.</summary>
    Waveform,
}
