using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace GlifMl.Reporting;

/// <summary>
/// HTML made from interpolated strings: literal parts are markup, every value in braces is escaped. A number with a format becomes a
/// <c>data</c> element that carries its full value, so that what a reader sees rounded can be read, and checked, exactly.
/// </summary>
/// <param name="Markup">The markup.</param>
internal readonly record struct Html(string Markup)
{
    /// <summary>What stands for a value that there is none of.</summary>
    public const string None = "–";

    public static Html Of(Handler text) => new(text.ToString());

    public static Html Text(string text) => new(WebUtility.HtmlEncode(text));

    public static Html Number(double? value, string format = "0.####") => value is { } v ? new(Data(v, format)) : Text(None);

    public static Html Join(string separator, IEnumerable<Html> parts) => new(string.Join(separator, parts.Select(p => p.Markup)));

    public override string ToString() => Markup;

    /// <summary>Collects an interpolated string.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        private readonly StringBuilder _markup;

        public Handler(int literalLength, int formattedCount) => _markup = new StringBuilder(literalLength + (16 * formattedCount));

        public void AppendLiteral(string markup) => _markup.Append(markup);

        public void AppendFormatted(Html html) => _markup.Append(html.Markup);

        public void AppendFormatted(string? text) => _markup.Append(WebUtility.HtmlEncode(text));

        public void AppendFormatted(long number) => _markup.Append(Data(number, "0"));

        public void AppendFormatted(double number, string format) => _markup.Append(Data(number, format));

        public override string ToString() => _markup.ToString();
    }

    private static string Data(double value, string format)
    {
        var (exact, shown) = (value.ToString("R", CultureInfo.InvariantCulture), value.ToString(format, CultureInfo.InvariantCulture));
        return $"<data value=\"{exact}\">{WebUtility.HtmlEncode(shown.Replace('-', '−'))}</data>";
    }
}
