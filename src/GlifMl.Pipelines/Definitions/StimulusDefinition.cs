using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace GlifMl.Pipelines;

/// <summary>
/// The current injected in a split. A definition writes a stimulus's name, the path of a CSV file relative to itself, or a
/// mapping of the name and its options; each option is a number, or a range a new number is drawn from for each trace. An option
/// left out keeps the stimulus's own default.
/// </summary>
public sealed record StimulusDefinition : IValidatableObject
{
    /// <summary>A stimulus of the catalogue, or the full path of a CSV file.</summary>
    public required string Name { get; init; }

    /// <summary>Whether <see cref="Name"/> is the path of a CSV file.</summary>
    public bool IsFile => IsFileName(Name);

    /// <summary>Seed of a random stimulus. Default null: the definition's seed, one waveform for the split.</summary>
    public StimulusSeed? Seed { get; init; }

    /// <summary>Mean current in picoamperes; null for the stimulus's own.</summary>
    [DataMember(Name = "mean_pA")]
    public NumberRange? MeanPicoamperes { get; init; }

    /// <summary>Amplitude in picoamperes; null for the stimulus's own.</summary>
    [DataMember(Name = "amplitude_pA")]
    public NumberRange? AmplitudePicoamperes { get; init; }

    /// <summary>Coefficient of variation of noise, at least 0, no unit; null for the stimulus's own.</summary>
    [DataMember(Name = "cv")]
    public NumberRange? CoefficientOfVariation { get; init; }

    /// <summary>Rheobase in picoamperes that a protocol's amplitudes are multiples of, above 0; null for the stimulus's own.</summary>
    [DataMember(Name = "rheobase_pA")]
    public NumberRange? RheobasePicoamperes { get; init; }

    /// <summary>Duration in seconds, above 0; null for the stimulus's own.</summary>
    [DataMember(Name = "duration_s")]
    public NumberRange? DurationSeconds { get; init; }

    /// <summary>
    /// Amplitude, or mean of noise, in multiples of each cell's own rheobase; only of membranes. Default null: as the others say.
    /// </summary>
    public NumberRange? Rheobases { get; init; }

    /// <summary>Whether a stimulus's name means a CSV file.</summary>
    /// <param name="name">The name as a definition writes it.</param>
    /// <returns>Whether it ends with <c>.csv</c>.</returns>
    internal static bool IsFileName(string name) => name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CoefficientOfVariation is { Min: < 0 })
            yield return new("expected at least 0", [nameof(CoefficientOfVariation)]);
        if (RheobasePicoamperes is { Min: <= 0 })
            yield return new("expected more than 0", [nameof(RheobasePicoamperes)]);
        if (DurationSeconds is { Min: <= 0 })
            yield return new("expected more than 0", [nameof(DurationSeconds)]);
        if (
            IsFile
            && (
                Seed
                ?? (object?)MeanPicoamperes
                ?? AmplitudePicoamperes
                ?? CoefficientOfVariation
                ?? RheobasePicoamperes
                ?? DurationSeconds
                ?? Rheobases
            )
                is not null
        )
            yield return new("expected the name of a stimulus, because a file takes no options", [nameof(Name)]);
    }
}

/// <summary>
/// What a split injects: one stimulus, or several of which each trace draws one. A definition writes one as
/// <see cref="StimulusDefinition"/> does, and several as a list of such, <c>[{name: noise, seed: per-trace}, square]</c>. Each is equally
/// likely; the draw follows from the seed, the split and the trace's number alone. Mixtures of equal stimuli in the same order are equal.
/// </summary>
public sealed class StimulusMixture : IEquatable<StimulusMixture>
{
    /// <param name="stimuli">The stimuli; at least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public StimulusMixture(IEnumerable<StimulusDefinition> stimuli)
    {
        Stimuli = [.. stimuli];
        if (Stimuli.IsEmpty)
            throw new ArgumentException("found no stimuli; expected at least one", nameof(stimuli));
    }

    /// <summary>The stimuli, at least one. One named twice is drawn twice as often.</summary>
    public ImmutableArray<StimulusDefinition> Stimuli { get; }

    /// <summary>The stimulus's name; of several, their names (of a file without its folder), joined by <c> + </c>.</summary>
    public string Name =>
        Stimuli is [var only] ? only.Name : string.Join(" + ", Stimuli.Select(s => s.IsFile ? Path.GetFileName(s.Name) : s.Name));

    /// <summary>One stimulus for every trace.</summary>
    /// <param name="stimulus">The stimulus.</param>
    public static implicit operator StimulusMixture(StimulusDefinition stimulus) => new([stimulus]);

    /// <inheritdoc/>
    public bool Equals(StimulusMixture? other) => other is not null && Stimuli.AsSpan().SequenceEqual(other.Stimuli.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StimulusMixture);

    /// <inheritdoc/>
    public override int GetHashCode() => Stimuli.Aggregate(0, HashCode.Combine);
}

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
