using System.Globalization;

namespace GlifMl;

/// <summary>
/// Numbers as people write them to this program, in one way: digits, a decimal point, an exponent, a minus sign. A comma is refused and not
/// taken for a separator of thousands (0,5 would be 5), and so are spaces, a plus sign, hexadecimal digits, infinities and NaN.
/// </summary>
internal static class PlainNumber
{
    private const NumberStyles WholeStyle = NumberStyles.AllowLeadingSign;
    private const NumberStyles RealStyle = WholeStyle | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>A finite number, or null.</summary>
    public static double? Real(ReadOnlySpan<char> text) =>
        IsPlain(text) && double.TryParse(text, RealStyle, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;

    /// <summary>A finite number that is rounded once, not by way of a double; or null.</summary>
    public static float? Single(ReadOnlySpan<char> text) =>
        IsPlain(text) && float.TryParse(text, RealStyle, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? value
            : null;

    /// <summary>A whole number within the type's range, or null.</summary>
    public static T? Whole<T>(ReadOnlySpan<char> text)
        where T : struct, System.Numerics.IBinaryInteger<T> =>
        IsPlain(text) && T.TryParse(text, WholeStyle, CultureInfo.InvariantCulture, out var value) ? value : null;

    // Where no thousands are allowed no comma is; the names of infinity and NaN are allowed by any style.
    private static bool IsPlain(ReadOnlySpan<char> text) => text is not ['+', ..] and not "" && text[^1] is '.' or (>= '0' and <= '9');
}
