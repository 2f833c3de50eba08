using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// Reads a recording from CSV: a header naming <c>time_s</c>, <c>voltage_mV</c> and, when known, <c>current_pA</c>, in any order, then one row a
/// sample. An empty or NaN voltage is a missing sample. Times must be evenly spaced within 1 %; where rows are missing, NaN samples fill the gap,
/// so that sample n always lies n intervals after the first.
/// </summary>
public static class RecordingCsv
{
    /// <summary>Part of a sampling interval by which a time may be off: times written with few digits are.</summary>
    private const double Tolerance = 0.01;

    /// <summary>Longest recording, gaps filled: a gap beyond it is a fault of the clock.</summary>
    private const long MaxSamples = ShardSchema.MaxSamples;

    private const string TimeColumn = "time_s";
    private const string CurrentColumn = "current_pA";
    private const string VoltageColumn = "voltage_mV";
    private const string ExpectedHeader = $"{TimeColumn}, {VoltageColumn} and optionally {CurrentColumn}";

    /// <summary>Reads a recording.</summary>
    /// <param name="path">The CSV file.</param>
    /// <returns>The recording, with <paramref name="path"/> as its source.</returns>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// Wrong header or number, uneven or backward time, too few rows, or no voltage at all; with file and line.
    /// </exception>
    public static Sweep Load(string path)
    {
        if (!File.Exists(path))
            throw DatasetErrors.NoFile(path, "a CSV recording");
        var rows = ReadRows(path);
        if (rows.Time.Count < 2)
            throw DatasetErrors.Recording(
                path,
                rows.Time.Count + 1,
                $"{rows.Time.Count} data rows",
                "at least 2, for the sampling interval"
            );
        RequireIncreasing(path, rows.Time);
        var interval = SamplingInterval(rows.Time);
        var samples = PlaceOnGrid(path, rows.Time, interval);
        var voltage = Spread(rows.Voltage, samples);
        if (Array.TrueForAll(voltage, float.IsNaN))
            throw DatasetErrors.Recording(path, 1, $"no value in {VoltageColumn}", "at least one");
        return new Sweep(path, interval, voltage, rows.HasCurrent ? Spread(rows.Current, samples) : null);
    }

    private static Rows ReadRows(string path)
    {
        using var lines = File.ReadLines(path).GetEnumerator();
        if (!lines.MoveNext())
            throw DatasetErrors.Recording(path, 1, "an empty file", $"a header with {ExpectedHeader}");
        string[] header = [.. lines.Current.Split(',').Select(name => name.Trim())];
        var time = Array.IndexOf(header, TimeColumn);
        var voltage = Array.IndexOf(header, VoltageColumn);
        var current = Array.IndexOf(header, CurrentColumn);
        if (time < 0 || voltage < 0 || header.Length != (current < 0 ? 2 : 3))
            throw DatasetErrors.Recording(path, 1, $"header '{lines.Current}'", $"columns {ExpectedHeader}");

        Rows rows = new(HasCurrent: current >= 0);
        Span<Range> fields = stackalloc Range[4];
        var blankLine = 0;
        for (var line = 2; lines.MoveNext(); line++)
        {
            ReadOnlySpan<char> text = lines.Current;
            if (text.IsWhiteSpace())
            {
                blankLine = blankLine == 0 ? line : blankLine;
                continue;
            }
            if (blankLine > 0)
                throw DatasetErrors.Recording(path, blankLine, "a blank line", "a row, or the end of the file");
            var found = text.Split(fields, ',');
            if (found != header.Length)
            {
                var values = found > header.Length ? $"more than {header.Length} values" : $"{found} values";
                throw DatasetErrors.Recording(path, line, values, $"{header.Length}");
            }
            rows.Time.Add(Number(path, line, TimeColumn, text[fields[time]]));
            var voltageText = text[fields[voltage]].Trim();
            rows.Voltage.Add(IsMissing(voltageText) ? float.NaN : (float)Number(path, line, VoltageColumn, voltageText));
            if (rows.HasCurrent)
                rows.Current.Add((float)Number(path, line, CurrentColumn, text[fields[current]]));
        }
        return rows;
    }

    private static bool IsMissing(ReadOnlySpan<char> text) => text.IsEmpty || text.Equals("NaN", StringComparison.OrdinalIgnoreCase);

    private static double Number(string path, int line, string column, ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && float.IsFinite((float)number)
            ? number
            : throw DatasetErrors.Recording(path, line, $"'{text.Trim()}' in {column}", "a number");

    private static void RequireIncreasing(string path, List<double> time)
    {
        for (var row = 1; row < time.Count; row++)
        {
            if (time[row] <= time[row - 1])
                throw DatasetErrors.Recording(
                    path,
                    row + 2,
                    $"{TimeColumn} {Text(time[row])} after {Text(time[row - 1])}",
                    "increasing times"
                );
        }
    }

    /// <summary>The median step tells single steps from gaps; the mean of the single ones averages the rounding of written times away.</summary>
    private static double SamplingInterval(List<double> time)
    {
        var steps = new double[time.Count - 1];
        for (var row = 0; row < steps.Length; row++)
            steps[row] = time[row + 1] - time[row];
        Array.Sort(steps);
        var median = steps[steps.Length / 2];
        return steps.Where(step => Math.Abs(step - median) <= 2 * Tolerance * median).Average();
    }

    /// <summary>The sample number of each row: one further than the row before, more after a gap.</summary>
    private static int[] PlaceOnGrid(string path, List<double> time, double interval)
    {
        var samples = new int[time.Count];
        for (var row = 1; row < time.Count; row++)
        {
            var line = row + 2;
            var step = time[row] - time[row - 1];
            var intervals = step / interval;
            var whole = Math.Max(1, Math.Round(intervals));
            if (Math.Abs(intervals - whole) > Tolerance * whole)
            {
                var expected = $"{Text(interval)} s or a whole multiple of it, within {Tolerance * 100} %";
                throw DatasetErrors.Recording(path, line, $"a step of {Text(step)} s", expected);
            }
            if (samples[row - 1] + whole >= MaxSamples)
                throw DatasetErrors.Recording(
                    path,
                    line,
                    $"a step of {Text(step)} s",
                    $"at most {MaxSamples} samples of {Text(interval)} s in all"
                );
            samples[row] = samples[row - 1] + (int)whole;
        }
        return samples;
    }

    private static float[] Spread(List<float> values, int[] samples)
    {
        var spread = new float[samples[^1] + 1];
        Array.Fill(spread, float.NaN);
        for (var row = 0; row < samples.Length; row++)
            spread[samples[row]] = values[row];
        return spread;
    }

    /// <summary>Six digits: times carry no more, and rounding noise would hide the message.</summary>
    private static string Text(double seconds) => seconds.ToString("G6", CultureInfo.InvariantCulture);

    private sealed record Rows(bool HasCurrent)
    {
        public List<double> Time { get; } = [];

        public List<float> Voltage { get; } = [];

        public List<float> Current { get; } = [];
    }
}
