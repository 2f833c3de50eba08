namespace GlifMl.Pipelines;

/// <summary>The seed of a random stimulus: one for a whole split, or a new one for each trace.</summary>
public readonly record struct StimulusSeed
{
    private StimulusSeed(int? value) => Value = value;

    /// <summary>Each trace has its own waveform, seeded from the definition's seed, the split and the trace's index.</summary>
    public static StimulusSeed PerTrace => default;

    /// <summary>The seed, at least 0; null for one per trace.</summary>
    public int? Value { get; }

    /// <summary>Whether each trace has its own waveform.</summary>
    public bool IsPerTrace => Value is null;

    /// <summary>One seed, and so one waveform, for a whole split.</summary>
    /// <param name="value">The seed; at least 0.</param>
    /// <returns>The seed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    public static StimulusSeed Of(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new(value);
    }

    /// <summary>The seed as a definition writes it.</summary>
    /// <returns>The number, or <c>per-trace</c>.</returns>
    public override string ToString() => Value?.ToString() ?? "per-trace";
}
