using System.Globalization;
using System.Runtime.CompilerServices;

namespace GlifMl;

/// <summary>
/// Text with numbers in it that reads the same in every culture. The program runs in the invariant one; a user's own program, which these
/// are libraries of, may not.
/// </summary>
internal static class Invariant
{
    /// <summary>The text, for example <c>Invariant.Text($"{seconds:G6} s")</c>.</summary>
    public static string Text(Handler text) => text.ToText();

    /// <summary>What the compiler makes of the interpolated string.</summary>
    [InterpolatedStringHandler]
    public ref struct Handler(int literalLength, int formattedCount)
    {
        private DefaultInterpolatedStringHandler _text = new(literalLength, formattedCount, CultureInfo.InvariantCulture);

        public void AppendLiteral(string literal) => _text.AppendLiteral(literal);

        public void AppendFormatted(ReadOnlySpan<char> value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

        public void AppendFormatted<T>(T value, int alignment, string? format = null) => _text.AppendFormatted(value, alignment, format);

        public string ToText() => _text.ToStringAndClear();
    }
}
