using System.Globalization;
using System.Text;

namespace GlifMl.Simulation;

/// <summary>Stimuli in CSV files: a header, a column <c>current_A</c> or <c>current_pA</c>, and perhaps a column <c>time_s</c>.</summary>
public static class StimulusCsv
{
    // Rows this near to even spacing, as a share of the interval, are even: times are often printed to a microsecond.
    private const double EvenSpacingTolerance = 0.01;

    /// <summary>
    /// Loads a stimulus. Evenly spaced times give the sampling interval, each sample held until the next; uneven times are breakpoints
    /// with straight lines between them. Without a column <c>time_s</c> there is one sample a <paramref name="dtSeconds"/>.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="dtSeconds">The interval in s of a file without times, usually the neuron's dt. Default null: such a file is
    /// refused.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not positive.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The content is wrong: one line with file:line, found, expected.</exception>
    public static Stimulus Load(string path, double? dtSeconds = null)
    {
        if (dtSeconds is { } given)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(given, nameof(dtSeconds));
        if (!File.Exists(path))
            throw new FileNotFoundException($"stimulus not found: {path}", path);
        using var reader = new StreamReader(path);
        var (seconds, amperes) = ReadRows(reader, path);
        if (seconds is null)
        {
            if (dtSeconds is not { } dt)
            {
                throw new InvalidDataException($"{path}:1: found no column time_s, expected one where no dt is given");
            }
            return new SegmentStimulus(path, [new SampledSegment(0, dt, amperes)]);
        }
        if (seconds.Length < 2)
        {
            throw new InvalidDataException($"{path}:2: found one row, expected two or more where there is a column time_s");
        }
        var interval = (seconds[^1] - seconds[0]) / (seconds.Length - 1);
        var isEven = seconds.Index().All(row => Math.Abs(row.Item - seconds[0] - row.Index * interval) <= EvenSpacingTolerance * interval);
        return new SegmentStimulus(
            path,
            [isEven ? new SampledSegment(seconds[0], interval, amperes) : new BreakpointSegment(seconds, amperes)]
        );
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
                $"stimulus '{stimulus.Name}': found a duration of {duration} s to write, expected a positive, finite number"
            );
        }
        var samples = new double[Stimulus.SampleCount(duration, dt)];
        stimulus.Sample(dt, samples);
        OutputFile.Write(
            path,
            stream =>
            {
                using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
                {
                    NewLine = "\n",
                };
                writer.WriteLine("time_s,current_A");
                for (var n = 0; n < samples.Length; n++)
                    writer.WriteLine($"{n * dt:R},{samples[n]:R}");
            }
        );
    }

    /// <summary>Reads all rows: times in s (null without a column <c>time_s</c>) and currents in A.</summary>
    internal static (double[]? Seconds, double[] Amperes) ReadRows(TextReader reader, string source)
    {
        var header = (reader.ReadLine() ?? "").Split(',').Select(name => name.Trim()).ToArray();
        var timeColumn = Array.IndexOf(header, "time_s");
        var amperesColumn = Array.IndexOf(header, "current_A");
        var currentColumn = amperesColumn >= 0 ? amperesColumn : Array.IndexOf(header, "current_pA");
        if (currentColumn < 0)
        {
            throw new InvalidDataException(
                $"{source}:1: found columns '{string.Join(",", header)}', expected a column current_A or current_pA"
            );
        }
        var unit = amperesColumn >= 0 ? 1 : 1e-12;
        var (seconds, amperes) = (new List<double>(), new List<double>());
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            var cells = text.Split(',');
            if (cells.Length != header.Length)
            {
                throw new InvalidDataException($"{source}:{line}: found {cells.Length} columns, expected {header.Length}");
            }
            amperes.Add(unit * Number(cells[currentColumn], header[currentColumn]));
            if (timeColumn < 0)
                continue;
            var time = Number(cells[timeColumn], "time_s");
            if (seconds.Count > 0 && !(time > seconds[^1]))
            {
                throw new InvalidDataException($"{source}:{line}: found time_s {time:R} after {seconds[^1]:R}, expected times that rise");
            }
            seconds.Add(time);

            double Number(string cell, string column) =>
                double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                    ? value
                    : throw new InvalidDataException($"{source}:{line}: found {column} '{cell}', expected a finite number");
        }
        if (amperes.Count == 0)
            throw new InvalidDataException($"{source}:2: found no rows, expected at least one");
        return (timeColumn < 0 ? null : [.. seconds], [.. amperes]);
    }
}
