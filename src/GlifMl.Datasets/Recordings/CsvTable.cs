using nietras.SeparatedValues;

namespace GlifMl.Datasets;

/// <summary>
/// The one dialect in which this program reads columns of numbers, whoever wrote them: commas, semicolons, tabs or blanks between the
/// columns; decimal points or commas; quotation marks; comments after # or %; a header with units, or a row of units below it; anything
/// before the header.
/// </summary>
internal sealed class CsvTable : IDisposable
{
    // A header stands near the top; what has none by then is something else.
    private const int MostLinesBeforeHeader = 100;

    private static readonly char[] Separators = ['\t', ';', ',', '|', ' '];

    private readonly DelimitedText _text;
    private readonly Header _header;

    private CsvTable(DelimitedText text, Header header) => (_text, _header) = (text, header);

    /// <summary>Where the table comes from.</summary>
    public string Source => _text.Source;

    /// <summary>The line of the header, from 1.</summary>
    public int HeaderLine => _header.Line;

    /// <summary>The columns in the order of the file.</summary>
    public IReadOnlyList<ColumnName> Columns => _header.Columns;

    /// <summary>Opens a table and reads its header.</summary>
    /// <param name="stream">The bytes; closed with the table.</param>
    /// <param name="source">Their name in messages.</param>
    /// <param name="expected">The columns that the reader wants, for a message.</param>
    /// <exception cref="InvalidDataException">It is not text, or has no header; with the line.</exception>
    public static CsvTable Open(Stream stream, string source, string expected)
    {
        var text = DelimitedText.Open(stream, source);
        try
        {
            return Open(text, expected);
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>An error at a line of the table.</summary>
    public InvalidDataException Fault(int line, string found, string expected) => _text.Fault(line, found, expected);

    /// <summary>Reads the rows that are left.</summary>
    /// <param name="columns">Numbers of the columns to read; the first gives <see cref="CsvRows.Written"/>.</param>
    /// <param name="most">Rows at most. Default: all.</param>
    /// <exception cref="InvalidDataException">A row does not fit the header, or holds no number; with its line.</exception>
    public CsvRows Read(IReadOnlyList<int> columns, int most = int.MaxValue)
    {
        var rows = new CsvRows(columns.Count);
        var numbers = new NumberText();
        var (blankLine, line, values) = (0, _text.Line, new double[columns.Count]);
        _text.JoinsBlanks = _header.Separator == ' ';
        using var reader = Options(_header.Separator).From(_text);
        foreach (var row in reader)
        {
            // A row is a line: the text sees to it that no quotation marks span two.
            line++;
            var cells = row.ColCount;
            if (cells == 1 && row[0].Span is DelimitedText.Comment)
                continue;
            if (IsBlank(row))
            {
                blankLine = blankLine == 0 ? line : blankLine;
                continue;
            }
            // A separator at a row's end makes a cell that is no column.
            if (cells != Columns.Count && !(cells == Columns.Count + 1 && row[cells - 1].Span.IsEmpty))
            {
                throw Fault(line, cells > Columns.Count ? $"more than {Columns.Count} values" : $"{cells} values", $"{Columns.Count}");
            }
            for (var k = 0; k < columns.Count; k++)
            {
                var cell = row[columns[k]].Span;
                if (!numbers.TryParse(cell, out values[k]))
                    throw Fault(line, $"{Quoted.Of(cell)} in {Quoted.Text(Columns[columns[k]].Text)}", "a number");
            }
            // NaN in all columns, the time's too, is how some programs fill up a file.
            if (columns.Count > 1 && Array.TrueForAll(values, double.IsNaN))
            {
                blankLine = blankLine == 0 ? line : blankLine;
                continue;
            }
            if (blankLine > 0)
                throw Fault(blankLine, "a blank line", "a row, or the end of the file");
            rows.Add(line, values, row[columns[0]].Span);
            if (rows.Lines.Count == most)
                break;
        }
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => _text.Dispose();

    private static bool IsBlank(SepReader.Row row)
    {
        for (var k = 0; k < row.ColCount; k++)
        {
            if (!row[k].Span.IsEmpty)
                return false;
        }
        return true;
    }

    private static CsvTable Open(DelimitedText text, string expected)
    {
        var lines = new List<string>();
        while (lines.Count < MostLinesBeforeHeader && text.ReadLine() is { } line)
        {
            lines.Add(line);
            // The rows begin here, and the header stands above; but the second line of an Axon text file (ATF) counts what follows.
            if (IsNumbers(line) && !(lines.Count == 2 && lines[0].StartsWith("ATF", StringComparison.Ordinal)))
                break;
        }
        var headers = lines.Select((line, i) => Header.Of(i + 1, line, i + 1 < lines.Count ? lines[i + 1] : null)).ToArray();
        // NumPy writes headers as comments. Before a header there may be lines that seem to name a column, or less.
        var header =
            Array.Find(headers, h => !h.IsComment && h.Measured > 1)
            ?? Array.FindLast(headers, h => h.IsComment && h.Measured > 1)
            ?? Array.Find(headers, h => !h.IsComment && h.Measured > 0)
            ?? Array.FindLast(headers, h => h.IsComment && h.Measured > 0)
            ?? Array.Find(headers, h => !h.IsComment && h.Columns.Any(c => c.IsMeasured))
            ?? Array.Find(headers, h => !h.IsComment && h.Columns.Any(c => c.IsNamed));
        if (header is null)
        {
            var first = lines.FindIndex(line => !string.IsNullOrWhiteSpace(line) && !DelimitedText.IsComment(line));
            throw first < 0 ? text.Fault(1, lines.Count == 0 ? "an empty file" : "no header", $"a header with {expected}")
            : IsNumbers(lines[first]) ? text.Fault(first + 1, "numbers without a header", $"columns {expected}")
            : text.Fault(first + 1, $"header {Quoted.Of(lines[first])}", $"columns {expected}");
        }
        text.PutBack(lines[(header.Line + header.LinesBelow)..]);
        return new CsvTable(text, header);
    }

    private static bool IsNumbers(string line) =>
        !DelimitedText.IsComment(line)
        && Separators.Any(separator =>
            Cells(line, separator) is var cells && Array.TrueForAll(cells, IsNumberOrMissing) && Array.Exists(cells, IsNumber)
        );

    private static bool IsNumber(string cell) => new NumberText().TryParse(cell, out var value) && !double.IsNaN(value);

    private static bool IsNumberOrMissing(string cell) => new NumberText().TryParse(cell, out _);

    private static string[] Cells(string line, char separator)
    {
        if (line.AsSpan().Count('"') % 2 != 0)
            return [line];
        using var reader = Options(separator).FromText(separator == ' ' ? DelimitedText.Joined(line) : line);
        foreach (var row in reader)
            return row[..].ToStringsArray();
        return [];
    }

    private static SepReaderOptions Options(char separator) =>
        Sep.Reader(o =>
            o with
            {
                Sep = new Sep(separator == ' ' ? '\t' : separator),
                HasHeader = false,
                DisableColCountCheck = true,
                Unescape = true,
                Trim = SepTrim.All,
            }
        );

    /// <summary>A line read as a header, and a row of units below it where there is one.</summary>
    private sealed record Header(int Line, int LinesBelow, bool IsComment, char Separator, ColumnName[] Columns)
    {
        /// <summary>How many of time, voltage and current it surely names.</summary>
        public int Measured { get; } = Columns.Where(c => c.IsMeasured && c.IsExact).DistinctBy(c => c.Quantity).Count();

        public static Header Of(int number, string line, string? below)
        {
            var isComment = DelimitedText.IsComment(line);
            var text = isComment ? line.TrimStart(' ', '\t', '#', '%') : line;
            // The separator under which most columns are understood; the likelier one where several do as well.
            var (separator, columns) = Separators
                .Select(separator => (Separator: separator, Columns: Array.ConvertAll(Names(text, separator), ColumnName.Of)))
                .MaxBy(h => (h.Columns.Count(c => c.IsMeasured), h.Columns.Count(c => c.IsNamed), h.Separator != ' ', h.Columns.Length));
            if (!isComment && below is not null && WithUnits(columns, Cells(below, separator)) is { } measured)
                return new Header(number, 1, isComment, separator, measured);
            return new Header(number, 0, isComment, separator, columns);
        }

        // Where blanks separate columns, "Voltage (mV)" is one all the same.
        private static string[] Names(string line, char separator) =>
            Cells(
                separator == ' ' ? line.Replace(" (", "(", StringComparison.Ordinal).Replace(" [", "[", StringComparison.Ordinal) : line,
                separator
            );

        // Null where the row below is not one of units.
        private static ColumnName[]? WithUnits(ColumnName[] columns, string[] below)
        {
            var units = Array.ConvertAll(below, cell => ColumnUnit.Of(cell.Trim(' ', '(', ')', '[', ']')));
            return units.Length == columns.Length && Array.Exists(units, unit => unit is not null) && !Array.Exists(below, IsNumber)
                ? [.. columns.Select((column, k) => column.Unit is null && units[k] is { } unit ? column.With(unit) : column)]
                : null;
        }
    }
}
