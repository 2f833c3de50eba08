namespace GlifMl.Reporting;

/// <summary>A long trace at the resolution of a figure: the lowest and highest sample of each column, in the order they come.</summary>
internal static class Envelope
{
    // Two points a column of the widest figure's data area.
    private const int Columns = 400;

    /// <summary>Thins a trace.</summary>
    /// <param name="values">[N] the samples; NaN is left out where its column has another sample.</param>
    /// <param name="dtSeconds">Their interval, s.</param>
    /// <returns>Times in s, and values.</returns>
    public static (double[] Seconds, double[] Values) Of(IReadOnlyList<double> values, double dtSeconds)
    {
        var (seconds, kept) = (new List<double>(), new List<double>());
        var columns = Math.Min(Columns, values.Count);
        for (var column = 0; column < columns; column++)
        {
            var (first, end) = ((int)((long)column * values.Count / columns), (int)((long)(column + 1) * values.Count / columns));
            var (low, high) = (-1, -1);
            for (var n = first; n < end; n++)
            {
                if (double.IsNaN(values[n]))
                    continue;
                if (low < 0 || values[n] < values[low])
                    low = n;
                if (high < 0 || values[n] > values[high])
                    high = n;
            }

            int[] samples =
                low < 0 ? [first]
                : low == high ? [low]
                : [Math.Min(low, high), Math.Max(low, high)];
            foreach (var n in samples)
            {
                seconds.Add(n * dtSeconds);
                kept.Add(values[n]);
            }
        }

        return ([.. seconds], [.. kept]);
    }
}
