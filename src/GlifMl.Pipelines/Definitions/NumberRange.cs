using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>A number, or the range it is drawn from. A definition writes <c>0.2</c> or <c>{min: 60, max: 500, scale: log}</c>.</summary>
public sealed record NumberRange : IValidatableObject
{
    /// <summary>Smallest value; the unit is that of the key it stands under.</summary>
    public required double Min { get; init; }

    /// <summary>Largest value, at least <see cref="Min"/>.</summary>
    public required double Max { get; init; }

    /// <summary>The scale the range is covered on. Default linear.</summary>
    public RangeScale Scale { get; init; }

    /// <summary>Whether the range is one number and nothing is drawn.</summary>
    public bool IsFixed => Min == Max;

    /// <summary>A range that is one number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The range from <paramref name="value"/> to itself.</returns>
    public static NumberRange Fixed(double value) => new() { Min = value, Max = value };

    /// <summary>The value that lies so far into the range, on the range's own scale: <see cref="Min"/> at 0, <see cref="Max"/> at 1.</summary>
    internal double At(double share) =>
        this switch
        {
            { IsFixed: true } => Min,
            { Scale: RangeScale.Log } => Min * Math.Pow(Max / Min, share),
            _ => Min + ((Max - Min) * share),
        };

    /// <summary>How far into the range a value lies, on the range's own scale: 0 at <see cref="Min"/>, 1 at <see cref="Max"/>.</summary>
    internal double ShareOf(double value) =>
        Scale == RangeScale.Log ? Math.Log(value / Min) / Math.Log(Max / Min) : (value - Min) / (Max - Min);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!double.IsFinite(Min))
            yield return new("expected a finite number", [nameof(Min)]);
        if (!double.IsFinite(Max))
            yield return new("expected a finite number", [nameof(Max)]);
        else if (Max < Min)
            yield return new($"expected at least min, {Min:R}", [nameof(Max)]);
        if (Scale == RangeScale.Log && Min <= 0)
            yield return new("expected more than 0 on a log scale", [nameof(Min)]);
    }
}
