using GlifMl.Datasets;

namespace GlifMl;

/// <summary>
/// A recording in a file: its sweeps are known at once and their samples read when they are asked for, so that a file may be larger than
/// memory. NWB 1.0 and 2.x, ABF1 and ABF2, Igor binary waves, and text in columns (CSV, ATF).
/// </summary>
public sealed class RecordingFile : IDisposable
{
    private readonly IDisposable? _file;

    internal RecordingFile(string path, string format, IReadOnlyList<RecordedSweep> sweeps, IDisposable? file = null)
    {
        (Path, Format, Sweeps, _file) = (path, format, sweeps, file);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What it is, with its version, such as <c>NWB 2.6.0</c> or <c>ABF 2.6.0.0</c>.</summary>
    public string Format { get; }

    /// <summary>What the file holds, in the order of the file's numbers; those too that cannot be used, with the reason.</summary>
    public IReadOnlyList<RecordedSweep> Sweeps { get; }

    /// <summary>What is to be said of the file as a whole, a sentence each. Default: nothing.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <summary>Opens a recording, whose kind its first bytes tell.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its sweeps, one at least.</returns>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">It is no recording, or a damaged one, or of a kind that is not read: in one line.</exception>
    public static RecordingFile Open(string path)
    {
        if (!File.Exists(path))
            throw DatasetErrors.NoFile(path, "a recording");
        var format = BinaryFormat.Of(path);
        return format switch
        {
            BinaryFormat.Hdf5 => NwbFile.Open(path),
            BinaryFormat.Abf1 or BinaryFormat.Abf2 => AbfFile.Open(path),
            BinaryFormat.Igor => IgorFile.Open(path),
            _ => OfText(path, RecordingCsv.Read(File.OpenRead(path), path)),
        };
    }

    /// <summary>Reads a recording as text from a stream, such as standard input.</summary>
    /// <param name="stream">The bytes; closed afterwards. It need not be able to seek.</param>
    /// <param name="source">Its name in messages, and the sweeps' source.</param>
    /// <returns>Its sweeps, one at least.</returns>
    /// <exception cref="InvalidDataException">As of a file.</exception>
    public static RecordingFile Open(Stream stream, string source) => OfText(source, RecordingCsv.Read(stream, source));

    /// <summary>The sweeps that are asked for.</summary>
    /// <param name="selection">Which; null: those that can be used.</param>
    /// <returns>At least one, in the order of the file. One that was asked for by its number may be one that cannot be used.</returns>
    /// <exception cref="InvalidDataException">There is none; the sweeps and stimuli that there are are named.</exception>
    public IReadOnlyList<RecordedSweep> Select(SweepSelection? selection) => (selection ?? SweepSelection.Usable).Of(this);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static RecordingFile OfText(string source, IReadOnlyList<Sweep> sweeps) =>
        new(source, "text", [.. sweeps.Select(RecordedSweep.Of)]);
}

/// <summary>One sweep of a recording in a file.</summary>
public sealed class RecordedSweep
{
    /// <summary>Samples that are read of one sweep: 84 s at 200 kHz, and 128 MB.</summary>
    internal const int MostSamples = 1 << 24;

    private const double LeastSharePaired = 0.999;

    private readonly SweepSignal _voltage;
    private readonly SweepSignal? _current;
    private readonly List<string> _notes = [];

    internal RecordedSweep(string source, double interval, SweepSignal voltage, SweepSignal? current)
    {
        (Source, SamplingIntervalSeconds, _voltage, _current) = (source, interval, voltage, current);
        Samples = current is null ? voltage.Length : Math.Min(voltage.Length, current.Length);
        if (Samples < LeastSharePaired * Math.Max(voltage.Length, current?.Length ?? 0))
        {
            _notes.Add(
                Invariant.Text(
                    $"{voltage.Length} samples of voltage and {current!.Length} of current: cut to the shorter, {Samples * interval:G6} s"
                )
            );
        }
        if (Samples > MostSamples)
            _notes.Add($"the first {MostSamples} of {Samples} samples read");
    }

    /// <summary>The file it comes from.</summary>
    public string Source { get; }

    /// <summary>Its number in the file: the one that the file gives it, or else its place, from 0. Default: 0.</summary>
    public long Number { get; internal init; }

    /// <summary>What the file calls its stimulus, such as <c>Noise 1</c>; empty where it says nothing.</summary>
    public string Stimulus { get; internal init; } = "";

    /// <summary>How many samples it has.</summary>
    public long Samples { get; }

    /// <summary>Time between samples, s.</summary>
    public double SamplingIntervalSeconds { get; }

    /// <summary>The time of the first sample by the sweep's own clock, s. Default: 0.</summary>
    public double StartSeconds { get; internal init; }

    /// <summary>Whether the injected current is known.</summary>
    public bool HasCurrent => _current is not null;

    /// <summary>Whether voltages are measured from the bath, and not from rest, as a simulated GLIF's are. Default: true.</summary>
    public bool IsAbsolute { get; internal init; } = true;

    /// <summary>Why it cannot be used, such as that it was recorded in voltage clamp; null where nothing is known against it.</summary>
    public string? Refusal { get; internal init; }

    /// <summary>What its user might not expect, a sentence each. Default: nothing.</summary>
    public IReadOnlyList<string> Notes
    {
        get => _notes;
        internal init => _notes.InsertRange(0, value);
    }

    /// <summary>Reads voltages, mV; NaN where a sample is missing.</summary>
    /// <param name="first">Number of the first sample.</param>
    /// <param name="millivolts">As many as are to be read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sweep has fewer samples.</exception>
    /// <exception cref="InvalidDataException">It cannot be used, or the file is damaged.</exception>
    public void ReadVoltage(long first, Span<float> millivolts) => Read(_voltage, first, millivolts);

    /// <summary>Reads currents, pA; NaN where a sample is missing.</summary>
    /// <param name="first">Number of the first sample.</param>
    /// <param name="picoamperes">As many as are to be read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sweep has fewer samples.</exception>
    /// <exception cref="InvalidDataException">It cannot be used, has no current, or the file is damaged.</exception>
    public void ReadCurrent(long first, Span<float> picoamperes) =>
        Read(_current ?? throw Fault("found no current; expected one"), first, picoamperes);

    /// <summary>Reads the whole sweep.</summary>
    /// <returns>The sweep; of one that is longer than 16,777,216 samples so many.</returns>
    /// <exception cref="InvalidDataException">It cannot be used, or the file is damaged.</exception>
    public Sweep Load()
    {
        var samples = (int)Math.Min(Samples, MostSamples);
        if (Refusal is null && samples < 2)
            throw Fault($"found {samples} samples; expected at least 2");
        var (voltage, current) = (new float[samples], HasCurrent ? new float[samples] : null);
        ReadVoltage(0, voltage);
        if (current is not null)
            ReadCurrent(0, current);
        return new Sweep(Source, SamplingIntervalSeconds, voltage, current)
        {
            Number = Number,
            Stimulus = Stimulus,
            StartSeconds = StartSeconds,
            IsAbsolute = IsAbsolute,
            Notes = Notes,
        };
    }

    internal static RecordedSweep Of(Sweep sweep) =>
        new(
            sweep.Source,
            sweep.SamplingIntervalSeconds,
            new ArraySignal(sweep.VoltageMv),
            sweep.CurrentPa is { } current ? new ArraySignal(current) : null
        )
        {
            Number = sweep.Number,
            Stimulus = sweep.Stimulus,
            StartSeconds = sweep.StartSeconds,
            IsAbsolute = sweep.IsAbsolute,
            Notes = sweep.Notes,
        };

    private void Read(SweepSignal signal, long first, Span<float> into)
    {
        if (Refusal is { } refusal)
            throw Fault(refusal);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, Samples - into.Length);
        signal.Read(first, into);
    }

    private InvalidDataException Fault(string text) => new($"{Source}, sweep {Number}: {text}");
}
