using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// Numbers as people and programs write them: with a point or a comma before the decimals, which the first number with either decides for
/// the whole table, and with the other mark between thousands. What stands for a missing value is NaN.
/// </summary>
internal sealed class NumberText
{
    private const int LongestNumber = 64;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Missing = new HashSet<string>(
        [
            "",
            "-",
            "--",
            ".",
            "?",
            "NaN",
            "+NaN",
            "-NaN",
            "NaN(ind)",
            "-NaN(ind)",
            "1.#QNAN",
            "1.#IND",
            "-1.#IND",
            "NA",
            "N/A",
            "#N/A",
            "#NUM!",
            "#VALUE!",
            "#DIV/0!",
            "null",
            "nil",
            "None",
            "missing",
        ],
        StringComparer.OrdinalIgnoreCase
    ).GetAlternateLookup<ReadOnlySpan<char>>();

    private char? _decimal;

    /// <summary>Reads a number; false where the text is none, or one that no Single holds.</summary>
    public bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        text = text.Trim();
        if (TryParseFinite(text, out value))
            return true;
        value = double.NaN;
        return Missing.Contains(text);
    }

    private bool TryParseFinite(ReadOnlySpan<char> text, out double value)
    {
        value = double.NaN;
        if (text.Length is 0 or > LongestNumber)
            return false;
        // Word processors write the sign as U+2212.
        if (text.IndexOfAny(',', '\u2212') >= 0 || _decimal == ',')
        {
            Span<char> plain = stackalloc char[LongestNumber];
            return Plain(text, plain, out var length) && IsFinite(plain[..length], out value);
        }
        if (text.Contains('.'))
            _decimal ??= '.';
        return IsFinite(text, out value);
    }

    private static bool IsFinite(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite((float)value);

    private bool Plain(ReadOnlySpan<char> text, Span<char> plain, out int length)
    {
        length = 0;
        _decimal ??= text.LastIndexOfAny('.', ',') is >= 0 and var last ? text[last] : null;
        var mantissa = text.IndexOfAny('e', 'E') is >= 0 and var exponent ? text[..exponent] : text;
        if (!IsGrouped(mantissa, _decimal == ',' ? '.' : ','))
            return false;
        foreach (var c in text)
        {
            if (c == _decimal)
                plain[length++] = '.';
            else if (c is not ('.' or ','))
                plain[length++] = c == '\u2212' ? '-' : c;
        }
        return true;
    }

    // Whether a mark stands between groups of three digits, as between thousands, or nowhere.
    private bool IsGrouped(ReadOnlySpan<char> mantissa, char mark)
    {
        if (!mantissa.Contains(mark))
            return true;
        var whole = _decimal is { } point && mantissa.IndexOf(point) is >= 0 and var end ? mantissa[..end] : mantissa;
        if (mantissa[whole.Length..].Contains(mark))
            return false;
        whole = whole.TrimStart("+-\u2212");
        var first = whole.IndexOf(mark);
        if (first is < 1 or > 3)
            return false;
        for (whole = whole[first..]; !whole.IsEmpty; whole = whole[4..])
        {
            if (whole.Length < 4 || whole[0] != mark || whole[1..4].ContainsAnyExceptInRange('0', '9'))
                return false;
        }
        return true;
    }
}

/// <summary>
/// How precisely the numbers of a column are written: to so many decimals, or to so many digits, whichever is coarser for a number.
/// </summary>
internal sealed class WrittenPrecision
{
    private int _decimals = int.MinValue;
    private int _digits = 1;

    /// <summary>Takes note of one number's text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        var exponent = text.IndexOfAny('e', 'E');
        var mantissa = exponent < 0 ? text : text[..exponent];
        var power =
            exponent >= 0 && int.TryParse(text[(exponent + 1)..], NumberStyles.Integer, CultureInfo.InvariantCulture, out var p) ? p : 0;
        var point = mantissa.LastIndexOfAny('.', ',');
        var (digits, leading) = (0, true);
        foreach (var c in mantissa)
        {
            if (!char.IsAsciiDigit(c) || (leading && c == '0'))
                continue;
            leading = false;
            digits++;
        }
        _decimals = Math.Max(_decimals, (point < 0 ? 0 : mantissa.Length - point - 1) - power);
        _digits = Math.Max(_digits, digits);
    }

    /// <summary>What the last digit of a number of this column is worth; at least what a Double can tell.</summary>
    public double UnitAt(double value)
    {
        if (_decimals == int.MinValue)
            return 0;
        var magnitude = Math.Abs(value);
        // Only from here on do the digits not reach down to the last decimal.
        var unit =
            magnitude >= Math.Pow(10, _digits - _decimals)
                ? Math.Pow(10, Math.Floor(Math.Log10(magnitude)) + 1 - _digits)
                : Math.Pow(10, -_decimals);
        return Math.Max(unit, 4 * (Math.BitIncrement(magnitude) - magnitude));
    }
}

/// <summary>Rows of a table.</summary>
internal sealed class CsvRows(int columns)
{
    /// <summary>The line of each row.</summary>
    public List<int> Lines { get; } = [];

    /// <summary>The values of each column; NaN where one is missing.</summary>
    public List<double>[] Values { get; } = [.. Enumerable.Range(0, columns).Select(_ => new List<double>())];

    /// <summary>How precisely the first column is written.</summary>
    public WrittenPrecision Written { get; } = new();

    /// <summary>Adds a row.</summary>
    public void Add(int line, ReadOnlySpan<double> values, ReadOnlySpan<char> first)
    {
        Lines.Add(line);
        for (var k = 0; k < values.Length; k++)
            Values[k].Add(values[k]);
        Written.Add(first);
    }
}
