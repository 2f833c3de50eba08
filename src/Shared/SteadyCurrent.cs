namespace GlifMl;

/// <summary>The current that a cell was held with before its stimulus, and where that begins.</summary>
internal static class SteadyCurrent
{
    // A command is exactly constant for at least this long before a stimulus; a measured current never is.
    private const double ConstantSeconds = 1e-3;

    // What a measured current's noise and mean are taken from.
    private const double NoiseSeconds = 5e-3;
    private const int FewestSamples = 10;

    // A normal variable exceeds eight standard deviations once in 1e15 samples.
    private const double OnsetDeviations = 8;

    // A pulse that tests the pipette is short, and the membrane is left alone after it.
    private const double LongestPulseSeconds = 0.1;
    private const double ShortestPauseSeconds = 0.05;

    /// <summary>
    /// Where a test pulse that is the first change of the current ends, and where the current changes again; null where that first change
    /// is the stimulus.
    /// </summary>
    public static (int End, int Next)? TestPulse(ReadOnlySpan<float> current, double interval, double holding, double threshold, int onset)
    {
        var end = onset;
        while (end < current.Length && !(Math.Abs(current[end] - holding) <= threshold))
            end++;
        if (end == current.Length || (end - onset) * interval > LongestPulseSeconds)
            return null;
        var next = Onset(current, holding, threshold, end);
        return next >= 0 && (next - end) * interval >= ShortestPauseSeconds ? (end, next) : null;
    }

    /// <summary>
    /// The first sample from a place on that is stimulus; -1 where there is none. NaN is none: neither larger nor smaller.
    /// </summary>
    public static int Onset(ReadOnlySpan<float> current, double holding, double threshold, int from = 0)
    {
        for (var i = from; i < current.Length; i++)
        {
            if (Math.Abs(current[i] - holding) > threshold)
                return i;
        }
        return -1;
    }

    /// <summary>The steady current before the stimulus, and how far from it a sample must be to be stimulus.</summary>
    public static (double Holding, double Threshold) Of(ReadOnlySpan<float> current, double interval)
    {
        var first = current.IndexOfAnyExcept(float.NaN);
        if (first < 0)
            return (0, 0);
        var holding = current[first];
        var change = Change(current, first);
        if (change < 0)
            return (holding, 0);
        if ((change - first) * interval >= ConstantSeconds * (1 - 1e-9))
            return holding == 0 || !FallsToZero(current, holding, interval) ? (holding, 0) : (0, 0);

        var stretch = current.Slice(first, Math.Min((int)Math.Ceiling(NoiseSeconds / interval), current.Length - first));
        var beginning = Array.FindAll(stretch.ToArray(), c => !float.IsNaN(c));
        // A command repeats itself; where it does so for too short a time, nothing says that it is not the stimulus.
        if (
            beginning.Length < FewestSamples
            || beginning.Zip(beginning.Skip(1), (a, b) => a == b).Count(same => same) > beginning.Length / 2
        )
            return (0, 0);
        var mean = (double)beginning.Average();
        var deviation = Math.Sqrt(beginning.Average(c => (c - mean) * (c - mean)));
        var steps = Math.Sqrt(beginning.Zip(beginning.Skip(1), (a, b) => (double)(b - a) * (b - a)).Average() / 2);
        // White noise differs from one sample to the next as much as at all; a stimulus that has begun does not.
        return deviation <= 2 * steps ? (Math.Abs(mean) > deviation ? mean : 0, OnsetDeviations * deviation) : (0, 0);
    }

    // The first sample that differs from one before it; NaN is none.
    private static int Change(ReadOnlySpan<float> current, int first)
    {
        for (var i = first + 1; i < current.Length; i++)
        {
            if (!float.IsNaN(current[i]) && current[i] != current[first])
                return i;
        }
        return -1;
    }

    // A file that begins within a step goes back to no current, and ends there; a holding current comes back itself.
    private static bool FallsToZero(ReadOnlySpan<float> current, float holding, double interval)
    {
        var last = current.LastIndexOfAnyExcept(float.NaN);
        if (current[last] != 0 || holding == 0)
            return false;
        var zeros = current.Length;
        while (zeros > 0 && (current[zeros - 1] == 0 || float.IsNaN(current[zeros - 1])))
            zeros--;
        return (current.Length - zeros) * interval >= ConstantSeconds;
    }
}
