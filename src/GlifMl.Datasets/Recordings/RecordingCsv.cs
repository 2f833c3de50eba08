using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// Makes a table into sweeps: which columns are whose, which row is which sample, what is missing. Where rows are missing, NaN samples fill
/// the gap, so that sample n always lies n intervals after the first.
/// </summary>
internal static class RecordingCsv
{
    private const string ExpectedHeader = "time_s, voltage_mV and optionally current_pA";

    // The header of what `glifml simulate` writes; its voltages are measured from rest.
    private const string SimulatedColumn = "threshold_V";

    /// <summary>Longest recording, gaps filled: a gap beyond it is a fault of the clock.</summary>
    private const long MaxSamples = ShardSchema.MaxSamples;

    private static readonly ColumnUnit Millivolt = ColumnUnit.Known("mV");
    private static readonly ColumnUnit Picoampere = ColumnUnit.Known("pA");

    public static IReadOnlyList<Sweep> Read(Stream stream, string source)
    {
        using var table = CsvTable.Open(stream, source, ExpectedHeader);
        var columns = new ColumnChoice(table, ExpectedHeader);
        var times = columns.Required(Quantity.Time);
        var voltages = columns.Required(Quantity.Voltage);
        var currents = columns.Optional(Quantity.Current);
        var sweeps = columns.Sweeps();
        columns.RequirePairs(times, voltages, "time");
        columns.RequirePairs(currents, voltages, "current");
        columns.NoteIgnored();
        var isSimulated = table.Columns.Any(c => c.Text == SimulatedColumn);
        if (isSimulated)
            columns.Notes.Add(
                $"voltages taken as measured from rest: the file has a column {SimulatedColumn}, as `glifml simulate` writes"
            );

        int[] read = [.. times, .. voltages, .. currents, .. sweeps];
        var rows = table.Read(read);
        if (rows.Lines.Count < 2)
            throw table.Fault(
                table.HeaderLine + rows.Lines.Count,
                $"{rows.Lines.Count} data rows",
                "at least 2, for the sampling interval"
            );
        var found = new List<Sweep>();
        foreach (var (number, members) in Groups(table, rows, sweeps.Length == 0 ? null : read.Length - 1))
        {
            for (var k = 0; k < voltages.Length; k++)
            {
                var time = Math.Min(k, times.Length - 1);
                var clock = Clock(table, rows, members, time, table.Columns[times[time]]);
                var voltage = Spread(rows.Values[times.Length + k], members, clock.Samples, table.Columns[voltages[k]].Unit!.To(Millivolt));
                var currentAt = times.Length + voltages.Length + Math.Min(k, currents.Length - 1);
                var current =
                    currents.Length == 0
                        ? null
                        : Spread(rows.Values[currentAt], members, clock.Samples, table.Columns[read[currentAt]].Unit!.To(Picoampere));
                found.Add(
                    new Sweep(source, clock.Interval, voltage, current)
                    {
                        Number = number ?? (voltages.Length > 1 ? columns.NumberOf(voltages, k) : found.Count),
                        StartSeconds = clock.Start,
                        IsAbsolute = !isSimulated,
                        Notes = columns.Notes,
                    }
                );
            }
        }
        if (found.TrueForAll(sweep => Array.TrueForAll(sweep.VoltageMv, float.IsNaN)))
            throw table.Fault(table.HeaderLine, $"no value in {Quoted.Text(table.Columns[voltages[0]].Text)}", "at least one");
        return found;
    }

    // The rows of each sweep, by their numbers in the sweep column; all of them where there is none.
    private static IEnumerable<(long? Number, int[] Rows)> Groups(CsvTable table, CsvRows rows, int? sweep)
    {
        if (sweep is not { } column)
            return [(null, [.. Enumerable.Range(0, rows.Lines.Count)])];
        var groups = Enumerable.Range(0, rows.Lines.Count).GroupBy(row => rows.Values[column][row]).ToArray();
        foreach (var group in groups)
        {
            var line = rows.Lines[group.First()];
            if (group.Key != Math.Round(group.Key))
                throw table.Fault(line, double.IsNaN(group.Key) ? "no sweep number" : $"sweep {Text(group.Key)}", "a whole number");
            if (group.Count() < 2)
                throw table.Fault(line, $"1 row of sweep {Text(group.Key)}", "at least 2, for the sampling interval");
        }
        return groups.Select(group => ((long?)group.Key, group.ToArray()));
    }

    private static (double Start, double Interval, int[] Samples) Clock(
        CsvTable table,
        CsvRows rows,
        int[] members,
        int column,
        ColumnName name
    )
    {
        double[] time = [.. members.Select(row => rows.Values[column][row])];
        var text = Quoted.Text(name.Text);
        for (var row = 0; row < time.Length; row++)
        {
            if (double.IsNaN(time[row]))
                throw table.Fault(rows.Lines[members[row]], $"no value in {text}", "a number");
            if (row > 0 && time[row] < time[row - 1])
                throw NotIncreasing(row);
        }
        var grid = TimeGrid.Of(time, rows.Written, MaxSamples);
        // Times too coarse for their rate may coincide.
        if (grid is null && Enumerable.Range(1, time.Length - 1).FirstOrDefault(row => time[row] == time[row - 1]) is > 0 and var same)
            throw NotIncreasing(same);
        if (grid is null)
        {
            var (row, interval) = TimeGrid.Oddest(time, rows.Written);
            var step = time[row] - time[row - 1];
            throw table.Fault(
                rows.Lines[members[row]],
                $"a step of {Text(step)} {name.Unit!.Symbol}",
                step / interval >= MaxSamples
                    ? $"at most {MaxSamples} samples of {Text(interval)} {name.Unit.Symbol} in all"
                    : $"{Text(interval)} {name.Unit.Symbol} or a whole multiple of it, within {TimeGrid.Jitter * 100} %"
            );
        }
        // Divided, not multiplied: 0.05 ms / 1000 is the Double nearest to 5e-5 s.
        return (time[0] / name.Unit!.PerBase, grid.Interval / name.Unit.PerBase, grid.Samples);

        InvalidDataException NotIncreasing(int row) =>
            table.Fault(
                rows.Lines[members[row]],
                $"{text} {Text(time[row])} after {Text(time[row - 1])}",
                "increasing times (a column sweep tells sweeps apart)"
            );
    }

    private static float[] Spread(List<double> values, int[] members, int[] samples, double factor)
    {
        var spread = new float[samples[^1] + 1];
        Array.Fill(spread, float.NaN);
        for (var row = 0; row < samples.Length; row++)
            spread[samples[row]] = (float)(values[members[row]] * factor);
        return spread;
    }

    /// <summary>Six digits: times carry no more, and rounding noise would hide the message.</summary>
    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
