using System.Globalization;
using System.Text;

namespace GlifMl;

/// <summary>
/// Text from outside as messages quote it: short, and with nothing in it that a terminal would obey. A header, a cell or a key may hold
/// escape sequences, marks that turn the line around, or a megabyte.
/// </summary>
internal static class Quoted
{
    /// <summary>Characters that a quoted text has at most.</summary>
    public const int MostCharacters = 80;

    private const string Ellipsis = "...";

    /// <summary>The text between single quotation marks, its control characters escaped, cut after <see cref="MostCharacters"/>.</summary>
    public static string Of(ReadOnlySpan<char> text) => $"'{Text(text)}'";

    /// <summary>The text with its control characters escaped, cut after so many characters.</summary>
    public static string Text(ReadOnlySpan<char> text, int most = MostCharacters)
    {
        var quoted = new StringBuilder();
        // Where the text still fits if an ellipsis has to follow.
        var fits = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            Append(quoted, rune);
            if (quoted.Length > most)
                return quoted.Remove(fits, quoted.Length - fits).Append(Ellipsis).ToString();
            if (quoted.Length <= most - Ellipsis.Length)
                fits = quoted.Length;
        }
        return quoted.ToString();
    }

    private static void Append(StringBuilder quoted, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                quoted.Append("\\n");
                break;
            case '\r':
                quoted.Append("\\r");
                break;
            case '\t':
                quoted.Append("\\t");
                break;
            // A lone surrogate is enumerated as the replacement character, which shows.
            case var value when IsHidden(rune):
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{value:x4}");
                break;
            default:
                quoted.Append(rune.ToString());
                break;
        }
    }

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
}
