using System.ComponentModel;
using System.Globalization;

namespace GlifMl.Estimators;

/// <summary>How one target becomes a label: multiplied by a factor, standardised, or standardised in its logarithm.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Factor">The factor from SI to label units; used by <see cref="TargetScaleKind.Fixed"/> alone.</param>
[Description("a number other than 0, 'standardise' or 'log'")]
public readonly record struct TargetScale(TargetScaleKind Kind, double Factor = 1) : IParsable<TargetScale>
{
    /// <summary>Reads a number, <c>standardise</c> or <c>log</c>.</summary>
    /// <exception cref="FormatException">The text is none of them.</exception>
    public static TargetScale Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var scale)
            ? scale
            : throw new FormatException($"found '{s}'; expected a number other than 0, 'standardise' or 'log'");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out TargetScale result)
    {
        result = s switch
        {
            "standardise" => new(TargetScaleKind.Standardise),
            "log" => new(TargetScaleKind.Log),
            _ => double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor)
                ? new(TargetScaleKind.Fixed, factor)
                : default,
        };
        return result.Kind != TargetScaleKind.Fixed || (double.IsFinite(result.Factor) && result.Factor != 0);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            TargetScaleKind.Standardise => "standardise",
            TargetScaleKind.Log => "log",
            _ => Factor.ToString("R", CultureInfo.InvariantCulture),
        };
}
