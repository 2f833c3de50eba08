namespace GlifMl.Onnx;

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
