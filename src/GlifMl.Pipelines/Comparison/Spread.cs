namespace GlifMl.Pipelines.Comparison;

/// <summary>A figure over the seeds of a comparison.</summary>
/// <param name="Mean">Mean over the seeds.</param>
/// <param name="StandardDeviation">Sample standard deviation over the seeds (n - 1); null for one seed.</param>
public sealed record Spread(double Mean, double? StandardDeviation)
{
    /// <summary>The spread of values, one a seed; null where a seed has none.</summary>
    /// <param name="values">At least one value.</param>
    public static Spread? Of(IEnumerable<double?> values)
    {
        double?[] all = [.. values];
        if (Array.Exists(all, value => value is null))
            return null;
        var mean = all.Average()!.Value;
        return new Spread(mean, all.Length == 1 ? null : Math.Sqrt(all.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (all.Length - 1)));
    }
}
