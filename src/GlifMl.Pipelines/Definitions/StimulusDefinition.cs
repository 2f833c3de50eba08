using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace GlifMl.Pipelines;

/// <summary>
/// The current injected in a split. A definition writes a stimulus's name, the path of a CSV file relative to itself, or a mapping of the name
/// and its options; each option is a number, or a range a new number is drawn from for each trace. An option left out keeps the stimulus's own default.
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
                Seed ?? (object?)MeanPicoamperes ?? AmplitudePicoamperes ?? CoefficientOfVariation ?? RheobasePicoamperes ?? DurationSeconds
            )
                is not null
        )
            yield return new("expected the name of a stimulus, because a file takes no options", [nameof(Name)]);
    }
}
