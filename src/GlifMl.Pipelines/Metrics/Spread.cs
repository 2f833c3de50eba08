namespace GlifMl.Pipelines;

/// <summary>A figure over the seeds of a definition.</summary>
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
        return new Spread(
            mean,
            all.Length == 1 ? null : Math.Sqrt(all.Sum(value => (value!.Value - mean) * (value.Value - mean)) / (all.Length - 1))
        );
    }

    /// <summary>Mean ± standard deviation; the mean alone where there is one seed, or a deviation that rounds to nothing.</summary>
    /// <param name="number">How one number is written.</param>
    /// <returns>For example <c>1.7144 ± 0.0157</c>.</returns>
    public string ToText(Func<double, string> number) =>
        StandardDeviation is { } deviation && number(deviation) is var text && text.AsSpan().IndexOfAnyInRange('1', '9') >= 0
            ? $"{number(Mean)} ± {text}"
            : number(Mean);
}
