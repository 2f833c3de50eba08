using System.Buffers;

namespace GlifMl.Simulation;

/// <summary>Medians and means of stretches of a sweep, in which samples may be missing.</summary>
internal static class SweepStatistics
{
    // The median absolute deviation of normal noise, in standard deviations.
    private const double NormalDeviation = 0.6745;

    /// <summary>The median of a span, which it sorts; NaN of none. Missing samples are left out.</summary>
    public static double MedianOf(Span<float> values)
    {
        var count = 0;
        foreach (var value in values)
        {
            if (float.IsFinite(value))
                values[count++] = value;
        }
        if (count == 0)
            return double.NaN;
        var finite = values[..count];
        finite.Sort();
        return ((double)finite[(count - 1) / 2] + finite[count / 2]) / 2;
    }

    /// <summary>The median of a stretch; NaN where it has no sample.</summary>
    public static double Median(ReadOnlySpan<float> values)
    {
        var rented = ArrayPool<float>.Shared.Rent(values.Length);
        values.CopyTo(rented);
        var median = MedianOf(rented.AsSpan(0, values.Length));
        ArrayPool<float>.Shared.Return(rented);
        return median;
    }

    /// <summary>The mean of a stretch; NaN where it has no sample.</summary>
    public static double Mean(ReadOnlySpan<float> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                continue;
            sum += value;
            count++;
        }
        return count > 0 ? sum / count : double.NaN;
    }

    /// <summary>The standard deviation of white noise, from differences of successive samples; NaN of too few.</summary>
    public static double Noise(ReadOnlySpan<float> values)
    {
        if (values.Length < 10)
            return double.NaN;
        var rented = ArrayPool<float>.Shared.Rent(values.Length);
        var (square, count) = (0.0, 0);
        for (var i = 1; i < values.Length; i++)
        {
            var difference = values[i] - values[i - 1];
            rented[i - 1] = Math.Abs(difference);
            if (!float.IsFinite(difference))
                continue;
            square += (double)difference * difference;
            count++;
        }
        // A file written to few decimals repeats itself: there the median is 0 and says nothing, and the mean square does.
        var median = MedianOf(rented.AsSpan(0, values.Length - 1)) / NormalDeviation;
        ArrayPool<float>.Shared.Return(rented);
        return (median > 0 ? median : Math.Sqrt(square / Math.Max(count, 1))) / Math.Sqrt(2);
    }

    /// <summary>The median of some numbers, NaN left out; NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite).Order()];
        return finite.Length == 0 ? double.NaN : (finite[(finite.Length - 1) / 2] + finite[finite.Length / 2]) / 2;
    }
}
