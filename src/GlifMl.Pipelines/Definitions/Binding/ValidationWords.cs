using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace GlifMl.Pipelines;

/// <summary>Words what a validation attribute expects.</summary>
internal static class ValidationWords
{
    /// <param name="rule">The rule.</param>
    /// <param name="key">The option's key.</param>
    /// <param name="found">The value that breaks it; null where the rule is only described.</param>
    public static string Expected(ValidationAttribute rule, string key, object? found = null) =>
        rule switch
        {
            RangeAttribute range =>
                $"expected {Expected(range)}{(found is double.PositiveInfinity or double.NegativeInfinity ? ", finite" : "")}",
            AllowedValuesAttribute allowed =>
                $"expected one of {string.Join(", ", allowed.Values.Select(value => value is null ? "nothing" : ScalarValues.Format(value)))}",
            MinLengthAttribute least => $"expected at least {least.Length} {(least.Length == 1 ? "entry" : "entries")}",
            _ => rule.FormatErrorMessage(key),
        };

    private static string Expected(RangeAttribute range)
    {
        var least = $"{(range.MinimumIsExclusive ? "more than" : "at least")} {Number(range.Minimum)}";
        var most = $"{(range.MaximumIsExclusive ? "below" : "at most")} {Number(range.Maximum)}";
        return IsUnbounded(range.Maximum) ? least
            : IsUnbounded(range.Minimum) ? most
            : $"{least} and {most}";
    }

    private static bool IsUnbounded(object bound) =>
        bound is int.MinValue or int.MaxValue or double.MinValue or double.MaxValue or double.NegativeInfinity or double.PositiveInfinity;

    private static string Number(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture)!;
}
