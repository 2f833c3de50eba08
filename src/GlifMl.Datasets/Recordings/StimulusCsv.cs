using System.Globalization;
using GlifMl.Datasets;

namespace GlifMl;

/// <summary>
/// Stimuli in text files: a column of current with its unit, and perhaps one of time; other columns are not read, so that a recording and
/// what <c>glifml simulate</c> writes are stimuli too.
/// </summary>
public static class StimulusCsv
{
    private const string ExpectedHeader = "current_A or current_pA, and optionally time_s";

    // Of steps between times, how many may be longer than one sampling interval for the others to be samples and no breakpoints.
    private const double MostGaps = 0.25;

    private static readonly ColumnUnit Ampere = ColumnUnit.Known("A");

    /// <summary>
    /// Loads a stimulus, of a recorder's own file the current of its only sweep. Of text, evenly spaced times give the sampling interval,
    /// each sample held until the next, also over missing rows; uneven times are breakpoints with straight lines between them. Without a
    /// column of time there is one sample a <paramref name="dtSeconds"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="dtSeconds">The interval in s of a file without times, usually the neuron's dt. Default null: such a file is
    /// refused.</param>
    /// <param name="notes">Takes what was made of the file that its user might not expect, a sentence each. Default null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The content is wrong: one line with file:line, found, expected.</exception>
    public static Stimulus Load(string path, double? dtSeconds = null, ICollection<string>? notes = null)
    {
        if (dtSeconds is { } given)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(dtSeconds));
        if (!File.Exists(path))
            throw new FileNotFoundException($"stimulus not found: {path}", path);
        if (BinaryFormat.Of(path) is BinaryFormat.Hdf5 or BinaryFormat.Abf1 or BinaryFormat.Abf2 or BinaryFormat.Igor)
            return SweepStimulus.Load(path, SweepSelection.Usable, notes);
        using var table = CsvTable.Open(File.OpenRead(path), path, ExpectedHeader);
        var columns = new ColumnChoice(table, ExpectedHeader);
        var currents = columns.Required(Quantity.Current);
        var times = columns.Optional(Quantity.Time);
        if (currents.Length > 1 || times.Length > 1)
            throw table.Fault(
                table.HeaderLine,
                $"{Math.Max(currents.Length, times.Length)} columns of {(currents.Length > 1 ? "current" : "time")}",
                "one"
            );
        columns.NoteIgnored();
        // The first column that is read tells how precisely times are written.
        var rows = table.Read([.. times, .. currents]);
        if (rows.Lines.Count == 0)
            throw table.Fault(table.HeaderLine + 1, "no rows", "at least one");
        var segment = Segment(
            table,
            rows,
            dtSeconds,
            times.Length == 0 ? null : table.Columns[times[0]],
            table.Columns[currents[0]],
            columns.Notes
        );
        foreach (var note in columns.Notes)
            notes?.Add(note);
        return new SegmentStimulus(path, [segment]);
    }

    /// <summary>Writes columns <c>time_s,current_A</c>, doubles that round-trip. The file appears whole or not at all.</summary>
    /// <param name="stimulus">The stimulus.</param>
    /// <param name="path">The CSV file.</param>
    /// <param name="dt">The sampling interval in s.</param>
    /// <param name="durationSeconds">How much to write, in s. Default null: the whole stimulus.</param>
    /// <exception cref="ArgumentException">The stimulus lasts for ever and no duration is given, or a value is not positive.</exception>
    public static void Write(Stimulus stimulus, string path, double dt, double? durationSeconds = null)
    {
        var duration = durationSeconds ?? stimulus.DurationSeconds;
        if (!(duration > 0 && double.IsFinite(duration)))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"stimulus '{stimulus.Name}': found a duration of {duration} s to write; expected a positive, finite number"
                )
            );
        }
        var samples = new double[Stimulus.SampleCount(duration, dt)];
        stimulus.Sample(dt, samples);
        TraceCsv.Write(path, "time_s,current_A", samples.Length, (row, n) => row.Add(n * dt).Add(samples[n]));
    }

    private static Segment Segment(
        CsvTable table,
        CsvRows rows,
        double? dtSeconds,
        ColumnName? time,
        ColumnName current,
        List<string> notes
    )
    {
        var factor = current.Unit!.To(Ampere);
        double[] amperes = [.. rows.Values[^1].Select(value => value * factor)];
        if (Array.FindIndex(amperes, double.IsNaN) is >= 0 and var missing)
            throw table.Fault(rows.Lines[missing], $"no value in {Quoted.Text(current.Text)}", "a current for every row");
        if (time is null)
        {
            return dtSeconds is { } dt
                ? new SampledSegment(0, dt, amperes)
                : throw table.Fault(table.HeaderLine, "no column time_s", "one where no dt is given");
        }
        if (rows.Lines.Count < 2)
            throw table.Fault(rows.Lines[0], "one row", "two or more where there is a column time_s");
        double[] seconds = [.. rows.Values[0].Select(value => value / time.Unit!.PerBase)];
        RequireRising(table, rows, seconds, time, orSame: true);
        RequireNothingBeforeStart(table, rows, seconds, amperes, time);
        if (TimeGrid.Of(rows.Values[0], rows.Written, Array.MaxLength) is { } grid && grid.GapShare <= MostGaps)
            return new SampledSegment(seconds[0], grid.Interval / time.Unit!.PerBase, Held(grid.Samples, amperes, notes));
        RequireRising(table, rows, seconds, time, orSame: false);
        notes.Add("times are uneven: taken as breakpoints with straight lines between them");
        return new BreakpointSegment(seconds, amperes);
    }

    // A missing row changes nothing: what was commanded holds until the next is.
    private static double[] Held(int[] samples, double[] amperes, List<string> notes)
    {
        if (samples[^1] == amperes.Length - 1)
            return amperes;
        var held = new double[samples[^1] + 1];
        for (var row = 0; row < samples.Length; row++)
            Array.Fill(held, amperes[row], samples[row], (row + 1 < samples.Length ? samples[row + 1] : held.Length) - samples[row]);
        notes.Add($"{held.Length - amperes.Length} missing rows: the current before them held");
        return held;
    }

    // Times that are written too coarsely for their rate may be the same; breakpoints may not.
    private static void RequireRising(CsvTable table, CsvRows rows, double[] seconds, ColumnName time, bool orSame)
    {
        for (var row = 0; row < seconds.Length; row++)
        {
            if (double.IsNaN(seconds[row]))
                throw table.Fault(rows.Lines[row], $"no value in {Quoted.Text(time.Text)}", "a number");
            if (row > 0 && (seconds[row] < seconds[row - 1] || (seconds[row] == seconds[row - 1] && !orSame)))
            {
                var (now, before) = (rows.Values[0][row], rows.Values[0][row - 1]);
                throw table.Fault(
                    rows.Lines[row],
                    string.Create(CultureInfo.InvariantCulture, $"{Quoted.Text(time.Text)} {now:R} after {before:R}"),
                    "times that rise"
                );
            }
        }
    }

    // A simulation begins at 0 s, and would lose this current without a word.
    private static void RequireNothingBeforeStart(CsvTable table, CsvRows rows, double[] seconds, double[] amperes, ColumnName time)
    {
        for (var row = 0; row < seconds.Length && seconds[row] < 0; row++)
        {
            if (amperes[row] != 0)
            {
                throw table.Fault(
                    rows.Lines[row],
                    string.Create(CultureInfo.InvariantCulture, $"current at {Quoted.Text(time.Text)} {rows.Values[0][row]:R}"),
                    "none before 0, where a simulation begins: count the times from there"
                );
            }
        }
    }
}
