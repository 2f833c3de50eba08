namespace GlifMl.Onnx;

/// <summary>How the statistics of single traces (<see cref="TraceStatistics"/>) were spread over the training data.</summary>
/// <param name="Mean">Spread of the traces' means; mV for voltages, pA for stimuli, as are the others.</param>
/// <param name="StandardDeviation">Spread of the traces' standard deviations.</param>
/// <param name="Minimum">Spread of the traces' smallest samples.</param>
/// <param name="Maximum">Spread of the traces' largest samples.</param>
public sealed record TraceRanges(ValueRange Mean, ValueRange StandardDeviation, ValueRange Minimum, ValueRange Maximum)
{
    /// <summary>The spread over some traces.</summary>
    /// <param name="traces">One entry a trace, at least one.</param>
    /// <returns>The spread.</returns>
    /// <exception cref="ArgumentException">There is no trace.</exception>
    public static TraceRanges Of(IReadOnlyCollection<TraceStatistics> traces) =>
        new(
            ValueRange.Of(traces.Select(t => t.Mean)),
            ValueRange.Of(traces.Select(t => t.StandardDeviation)),
            ValueRange.Of(traces.Select(t => t.Minimum)),
            ValueRange.Of(traces.Select(t => t.Maximum))
        );
}

/// <summary>Four numbers that place one trace: enough to see that a recording is unlike what a model was trained on.</summary>
/// <param name="Mean">Mean over time; mV for a voltage, pA for a stimulus, as are the others.</param>
/// <param name="StandardDeviation">Standard deviation over time (of the population).</param>
/// <param name="Minimum">Smallest sample.</param>
/// <param name="Maximum">Largest sample.</param>
public sealed record TraceStatistics(double Mean, double StandardDeviation, double Minimum, double Maximum)
{
    /// <summary>The statistics of a trace.</summary>
    /// <param name="trace">The samples; NaN (a spike cut) is left out. All are NaN where every sample is, or none is given.</param>
    /// <returns>The statistics.</returns>
    public static TraceStatistics Of(ReadOnlySpan<float> trace)
    {
        double count = 0,
            sum = 0,
            minimum = double.PositiveInfinity,
            maximum = double.NegativeInfinity;
        foreach (var sample in trace)
        {
            if (float.IsNaN(sample))
                continue;
            count++;
            sum += sample;
            minimum = Math.Min(minimum, sample);
            maximum = Math.Max(maximum, sample);
        }

        if (count == 0)
            return new TraceStatistics(double.NaN, double.NaN, double.NaN, double.NaN);
        double mean = sum / count,
            squares = 0;
        foreach (var sample in trace)
        {
            if (!float.IsNaN(sample))
                squares += (sample - mean) * (sample - mean);
        }

        return new TraceStatistics(mean, Math.Sqrt(squares / count), minimum, maximum);
    }
}

/// <summary>How a quantity was spread over the training data.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="StandardDeviation">Standard deviation (of the population).</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Percentile1">1st percentile.</param>
/// <param name="Percentile99">99th percentile.</param>
public sealed record ValueRange(
    double Mean,
    double StandardDeviation,
    double Minimum,
    double Maximum,
    double Percentile1,
    double Percentile99
)
{
    /// <summary>The spread of some values; a percentile falls linearly between the two nearest values.</summary>
    /// <param name="values">The values, at least one; NaN is left out.</param>
    /// <returns>Their spread.</returns>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static ValueRange Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v)).Order()];
        if (sorted.Length == 0)
            throw new ArgumentException("range: expected at least one value, found none", nameof(values));
        var mean = sorted.Average();
        var variance = sorted.Average(v => (v - mean) * (v - mean));
        return new ValueRange(mean, Math.Sqrt(variance), sorted[0], sorted[^1], Percentile(sorted, 0.01), Percentile(sorted, 0.99));
    }

    private static double Percentile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}

/// <summary>How one statistic of an input compares with the training traces.</summary>
/// <param name="Statistic">What was measured, for example <c>mean voltage</c>.</param>
/// <param name="Unit">mV or pA.</param>
/// <param name="Value">The input's value.</param>
/// <param name="Training">The spread over the training traces.</param>
public sealed record RangeMeasure(string Statistic, string Unit, double Value, ValueRange Training)
{
    /// <summary>
    /// Distance from the training mean in training standard deviations, with its sign; infinite (or 0, at the mean itself) where the
    /// training traces do not differ.
    /// </summary>
    public double Deviations => Value == Training.Mean ? 0 : (Value - Training.Mean) / Training.StandardDeviation;

    /// <summary>Whether no training trace had such a value: it lies below the smallest or above the largest.</summary>
    public bool IsOutside => !(Value >= Training.Minimum && Value <= Training.Maximum);
}
