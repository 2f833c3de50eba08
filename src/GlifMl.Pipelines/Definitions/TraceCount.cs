namespace GlifMl.Pipelines;

/// <summary>A number of traces, or all of a grid.</summary>
public readonly record struct TraceCount
{
    private TraceCount(int? number) => Number = number;

    /// <summary>Every configuration of a grid.</summary>
    public static TraceCount All => default;

    /// <summary>The number of traces, at least 1; null for all.</summary>
    public int? Number { get; }

    /// <summary>Whether every configuration of a grid is meant.</summary>
    public bool IsAll => Number is null;

    /// <summary>A given number of traces.</summary>
    /// <param name="number">How many; at least 1.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is below 1.</exception>
    public static TraceCount Of(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return new(number);
    }

    /// <summary>The count as a definition writes it.</summary>
    /// <returns>The number, or <c>all</c>.</returns>
    public override string ToString() => Number?.ToString() ?? "all";
}
