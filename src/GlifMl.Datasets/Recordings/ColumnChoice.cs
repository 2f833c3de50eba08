using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>Which columns of a table are the ones asked for, and what to say of the others.</summary>
internal sealed class ColumnChoice(CsvTable table, string expected)
{
    // Rows enough to guess a unit from.
    private const int RowsForGuess = 1000;

    private const int MostNamed = 5;

    private readonly HashSet<int> _used = [];

    /// <summary>What the user of the file might not expect.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The columns of a quantity, in the order of the file.</summary>
    /// <exception cref="InvalidDataException">There is none, or none with a unit that is known.</exception>
    public int[] Required(Quantity quantity)
    {
        var columns = Optional(quantity);
        return columns.Length > 0 ? columns : throw table.Fault(table.HeaderLine, Described(), $"columns {expected}");
    }

    /// <summary>The columns of a quantity, in the order of the file; none where there are none.</summary>
    /// <exception cref="InvalidDataException">There is one without a unit, or with one that is not known.</exception>
    public int[] Optional(Quantity quantity)
    {
        var exact = Where(c => c.Quantity == quantity && c.IsMeasured && c.IsExact);
        if (exact.Length > 0)
            return Use(exact);
        // Before a column whose name is half understood: one that means this quantity and lacks a unit.
        if (Where(c => c.Quantity == quantity && !c.IsMeasured && (c.IsExact || c.UnknownUnit is not null)) is [var faulty, ..])
            throw Unmeasured(faulty, quantity);
        var likely = Where(c => c.Quantity == quantity && c.IsMeasured);
        if (likely.Length > 1)
        {
            var names = string.Join(" and ", likely.Take(MostNamed).Select(Name));
            throw table.Fault(
                table.HeaderLine,
                $"columns {names}",
                $"one that can be told to be the {Word(quantity)}, such as {Example(quantity)}"
            );
        }
        if (likely.Length == 1)
            Notes.Add($"column {Name(likely[0])} read as the {Word(quantity)}");
        return Use(likely);
    }

    /// <summary>The column that numbers the sweeps; none where there is none.</summary>
    public int[] Sweeps()
    {
        var sweeps = Where(c => c.Quantity == Quantity.Sweep && c.Number is null);
        return sweeps.Length == 1 ? Use(sweeps) : [];
    }

    /// <summary>Refuses columns that are neither one for all voltages nor one for each.</summary>
    public void RequirePairs(int[] columns, int[] voltages, string word)
    {
        if (columns.Length > 1 && columns.Length != voltages.Length)
        {
            throw table.Fault(
                table.HeaderLine,
                $"{columns.Length} columns of {word} for {voltages.Length} of voltage",
                $"one {word}, or one for each voltage"
            );
        }
    }

    /// <summary>The number of a sweep among its sisters: its column's, where all have one of their own, or else its place.</summary>
    public long NumberOf(int[] columns, int k)
    {
        // Of "voltage_mV, voltage_mV.1" the first is number 0.
        var numbers = Array.ConvertAll(columns, c => table.Columns[c].Number ?? 0);
        return numbers.Distinct().Count() == numbers.Length ? numbers[k] : k;
    }

    /// <summary>Says which columns are not read.</summary>
    public void NoteIgnored()
    {
        var ignored = Enumerable.Range(0, table.Columns.Count).Where(k => !_used.Contains(k) && table.Columns[k].Text.Length > 0).ToArray();
        if (ignored.Length == 0)
            return;
        var names = string.Join(", ", ignored.Take(MostNamed).Select(Name));
        var more = ignored.Length > MostNamed ? $" and {ignored.Length - MostNamed} more" : "";
        Notes.Add($"{(ignored.Length == 1 ? "column" : "columns")} not read: {names}{more}");
    }

    private int[] Use(int[] columns)
    {
        _used.UnionWith(columns);
        return columns;
    }

    private int[] Where(Predicate<ColumnName> holds) => [.. Enumerable.Range(0, table.Columns.Count).Where(k => holds(table.Columns[k]))];

    private string Name(int column) => Quoted.Text(table.Columns[column].Text);

    private string Described() => $"header {Quoted.Of(string.Join(",", table.Columns.Select(c => c.Text)))}";

    private InvalidDataException Unmeasured(int column, Quantity quantity)
    {
        var name = table.Columns[column];
        if (name.UnknownUnit is { } unknown)
            return table.Fault(
                table.HeaderLine,
                $"unit {Quoted.Of(unknown)} of column {Name(column)}",
                $"one of {ColumnUnit.Of(quantity)}"
            );
        if (name.Unit is { } other)
            return table.Fault(table.HeaderLine, $"unit {other.Symbol} of column {Name(column)}", $"one of {ColumnUnit.Of(quantity)}");
        return table.Fault(
            table.HeaderLine,
            $"column {Name(column)} without a unit",
            $"one in its name, such as {Example(quantity)}{Guess(column, quantity)}"
        );
    }

    // What unit the values look like; nothing where they cannot be read.
    private string Guess(int column, Quantity quantity)
    {
        double[] values;
        try
        {
            values = [.. table.Read([column], RowsForGuess).Values[0].Where(double.IsFinite)];
        }
        catch (InvalidDataException)
        {
            return "";
        }
        if (values.Length < 2)
            return "";
        var unit = quantity switch
        {
            // Recorders take 1,000 to 1,000,000 samples a second.
            Quantity.Time => ((values[^1] - values[0]) / (values.Length - 1)) switch
            {
                >= 9e-7 and <= 1.1e-3 => "s",
                > 1.1e-3 and < 1 => "ms",
                1 => "numbers of samples, not times",
                > 1 and <= 1100 => "us",
                _ => null,
            },
            // Rest is -50 to -100 mV.
            Quantity.Voltage => Math.Abs(values.Order().ElementAt(values.Length / 2)) switch
            {
                >= 10 and <= 200 => "mV",
                >= 0.01 and <= 0.2 => "V",
                >= 1e4 and <= 2e5 => "uV",
                _ => null,
            },
            _ => values.Max(Math.Abs) switch
            {
                > 0 and <= 1e-7 => "A",
                > 1e-7 and < 5 => "nA",
                >= 5 and <= 5000 => "pA",
                _ => null,
            },
        };
        if (unit is null)
            return "";
        return string.Create(CultureInfo.InvariantCulture, $": its values, {values.Min():G6} to {values.Max():G6}, look like {unit}");
    }

    private static string Word(Quantity quantity) => quantity.ToString().ToLowerInvariant();

    private static string Example(Quantity quantity) =>
        quantity switch
        {
            Quantity.Time => "time_s",
            Quantity.Voltage => "voltage_mV",
            _ => "current_pA",
        };
}
