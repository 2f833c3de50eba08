using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// Written times as places on an even grid. Times are rounded where they are written (to a microsecond, to six digits, to what a Single
/// holds), so a row's distance from the grid is compared with what its last digit is worth, never one step with the next; and the rate,
/// known no better than that, is the roundest one that fits.
/// </summary>
internal sealed class TimeGrid
{
    /// <summary>Part of an interval by which a time may be off whatever its digits say: clocks jitter.</summary>
    public const double Jitter = 0.01;

    // A line fitted to rounded times leaves a little more than the rounding, at their ends.
    private const double Rounding = 0.625;

    // Steps of more than one interval, of all: beyond it, times that were rounded to coarser than an interval are the likelier reason.
    private const double MostGaps = 0.2;

    // How well the rate must be known where times are too coarse to tell one sample from the next.
    private const double CoarseRate = 1e-3;

    // Part of an interval from which on times are too coarse for that.
    private const double Coarse = 0.1;

    private const int MostDigits = 12;

    private TimeGrid(double interval, int[] samples) => (Interval, Samples) = (interval, samples);

    /// <summary>Time between samples, in the unit of the times.</summary>
    public double Interval { get; }

    /// <summary>The sample number of each row.</summary>
    public int[] Samples { get; }

    /// <summary>Rows that follow a gap, of all.</summary>
    public double GapShare => Samples.Zip(Samples.Skip(1), (a, b) => b - a).Count(step => step > 1) / (double)(Samples.Length - 1);

    /// <summary>Places times on a grid; null where none fits.</summary>
    /// <param name="times">At least two times, none before the one above it.</param>
    /// <param name="written">How precisely they are written.</param>
    /// <param name="mostSamples">A grid that needs more than that is none.</param>
    public static TimeGrid? Of(IReadOnlyList<double> times, WrittenPrecision written, long mostSamples)
    {
        var units = Units(times, written);
        var even = Fit([.. Enumerable.Range(0, times.Count)], times, units);
        var gaps = WithGaps(times, units, mostSamples) is { } samples ? Fit(samples, times, units) : null;
        return gaps is null || (gaps.GapShare > MostGaps && even is not null) ? even : gaps;
    }

    /// <summary>The row whose step is furthest from whole intervals, and the interval that most steps are.</summary>
    public static (int Row, double Interval) Oddest(IReadOnlyList<double> times, WrittenPrecision written)
    {
        var interval = SingleStep(times, Units(times, written));
        var rows = Enumerable.Range(1, times.Count - 1);
        var row = rows.MaxBy(Off);
        // Where all steps are whole, it is the longest that makes a grid of too many samples.
        return (Off(row) > Jitter ? row : rows.MaxBy(Step), interval);

        double Step(int r) => times[r] - times[r - 1];

        double Off(int r) => Math.Abs((Step(r) / interval) - Whole(Step(r), interval));
    }

    // The roundest interval, or number of samples in a unit of time, within what is known of it; the interval itself where none is round. A
    // value that leaves no time on the edge of its rounding is preferred, but not to one that is rounder by far: halves are rounded either
    // way.
    private static double Roundest(double interval, double uncertainty, Func<double, double, bool> isOn)
    {
        var strict = Candidate(0.499);
        var touching = Candidate(0.501);
        return touching.Digits + 2 <= strict.Digits ? touching.Value : strict.Value;

        (int Digits, double Value) Candidate(double rounding)
        {
            for (var digits = 1; digits <= MostDigits; digits++)
            {
                double[] values = [1 / Rounded(1 / interval, digits), Rounded(interval, digits)];
                foreach (var value in values.OrderBy(v => Math.Abs(v - interval)))
                {
                    if (Math.Abs(value - interval) <= uncertainty && isOn(value, rounding))
                        return (digits, value);
                }
            }
            return (int.MaxValue - 2, interval);
        }
    }

    private static double Rounded(double value, int digits) =>
        double.Parse(
            value.ToString(string.Create(CultureInfo.InvariantCulture, $"E{digits - 1}"), CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture
        );

    // What the last digit of each time is worth: at least that of a Single, where all times are Singles.
    private static double[] Units(IReadOnlyList<double> times, WrittenPrecision written)
    {
        var units = times.Select(written.UnitAt).ToArray();
        for (var row = 0; row < units.Length; row++)
        {
            if (Math.Abs((float)times[row] - times[row]) > 0.501 * units[row])
                return units;
        }
        for (var row = 0; row < units.Length; row++)
        {
            var single = Math.Abs((float)times[row]);
            units[row] = Math.Max(units[row], MathF.BitIncrement(single) - single);
        }
        return units;
    }

    private static TimeGrid? Fit(int[] samples, IReadOnlyList<double> times, double[] units)
    {
        var slope = Slope(samples, times);
        if (!(slope > 0) || !IsOn(slope, Rounding))
            return null;
        // Each end is off by half a unit at most.
        var uncertainty = (units[0] + units[^1]) / 2 / samples[^1];
        // Times that tell one sample from the next by less than half an interval tell the rate only where they are many.
        if (uncertainty > CoarseRate * slope && !IsOn(slope, 0, Coarse))
            return null;
        return new TimeGrid(Roundest(slope, uncertainty, (interval, rounding) => IsOn(interval, rounding)), samples);

        // Whether one offset brings all times within so many units of the grid, or within so much of an interval.
        bool IsOn(double interval, double part, double share = Jitter)
        {
            var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
            for (var row = 0; row < samples.Length; row++)
            {
                var residual = times[row] - times[0] - (samples[row] * interval);
                var reach = Math.Max(part * units[row], share * interval);
                (low, high) = (Math.Max(low, residual - reach), Math.Min(high, residual + reach));
            }
            return low <= high;
        }
    }

    // Least squares: the ends alone would give their own rounding to the rate.
    private static double Slope(int[] samples, IReadOnlyList<double> times)
    {
        double meanSample = samples.Average(),
            meanTime = times.Average(t => t - times[0]),
            square = 0,
            product = 0;
        for (var row = 0; row < samples.Length; row++)
        {
            var sample = samples[row] - meanSample;
            square += sample * sample;
            product += sample * (times[row] - times[0] - meanTime);
        }
        return product / square;
    }

    // The sample number of each row, one further than the row before, more after a gap; null where they are too many or rows coincide.
    private static int[]? WithGaps(IReadOnlyList<double> times, double[] units, long mostSamples)
    {
        var interval = SingleStep(times, units);
        if (!(interval > 0))
            return null;
        var samples = new int[times.Count];
        for (var row = 1; row < samples.Length; row++)
        {
            var next = samples[row - 1] + Whole(times[row] - times[row - 1], interval);
            if (next >= mostSamples)
                return null;
            samples[row] = (int)next;
        }
        return samples;
    }

    private static double Whole(double step, double interval) => Math.Max(1, Math.Round(step / interval));

    // The median step tells single steps from gaps; the mean of the single ones averages the rounding of written times away.
    private static double SingleStep(IReadOnlyList<double> times, double[] units)
    {
        var steps = new double[times.Count - 1];
        for (var row = 0; row < steps.Length; row++)
            steps[row] = times[row + 1] - times[row];
        Array.Sort(steps);
        var median = steps[(steps.Length - 1) / 2];
        var reach = Math.Min(Math.Max(2 * Jitter * median, 1.001 * units.Max()), median / 2);
        return steps.Where(step => Math.Abs(step - median) <= reach).Average();
    }
}
