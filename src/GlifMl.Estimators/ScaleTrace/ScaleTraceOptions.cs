using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>One scale for a whole channel. Scaling each sample time by itself would erase what a sequence model reads.</summary>
public sealed record ScaleTraceOptions : IValidatableObject
{
    /// <summary>How. Default fixed.</summary>
    public ScaleTraceMode Mode { get; init; } = ScaleTraceMode.Fixed;

    /// <summary>Taken away first, in the channel's unit (mV or pA): one number a channel, or one for all. Default 0; ignored by standardise.</summary>
    [MinLength(1)]
    public IReadOnlyList<double> Offset { get; init; } = [0];

    /// <summary>Divided by at the end: one number a channel, or one for all. Default 1; ignored by standardise.</summary>
    [MinLength(1)]
    public IReadOnlyList<double> Scale { get; init; } = [1];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Scale.Any(s => s == 0 || !double.IsFinite(s)))
            yield return new("expected numbers other than 0", [nameof(Scale)]);
        if (!Offset.All(double.IsFinite))
            yield return new("expected finite numbers", [nameof(Offset)]);
    }
}
