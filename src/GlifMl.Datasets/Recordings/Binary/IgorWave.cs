namespace GlifMl.Datasets;

/// <summary>
/// One wave in a file of Igor Pro: versions 2 and 5, of either byte order, real numbers of any kind. Offsets are those of WaveMetrics'
/// Technical Note 3.
/// </summary>
internal sealed class IgorWave : IDisposable
{
    private const int Complex = 1;
    private const int Unsigned = 0x40;
    private const int HeaderBytes2 = 16 + 110;
    private const int HeaderBytes5 = 64 + 320;
    private const int MostUnitBytes = 64;
    private const int MostColumns = 1 << 16;

    // Part of an interval by which those of a pair may differ.
    private const double SameInterval = 1e-6;

    private readonly BlockFile _file;
    private readonly int _type;
    private readonly int _start;
    private readonly bool _isBigEndian;

    private IgorWave(BlockFile file)
    {
        _file = file;
        var head = new FixedLayout(file.Read(0, 2));
        _isBigEndian = head.Bytes[0] == 0;
        Version = new FixedLayout(head.Bytes, _isBigEndian).Int16(0);
        var timeUnit = "";
        long rows,
            columns = 1,
            layers = 1;
        if (Version == 5)
        {
            var h = new FixedLayout(file.Read(0, HeaderBytes5), _isBigEndian);
            _start = HeaderBytes5;
            _type = h.Int16(64 + 16);
            rows = h.Int32(64 + 68);
            columns = Math.Max(h.Int32(64 + 72), 1);
            layers = Math.Max(h.Int32(64 + 76), 1);
            Interval = h.Double(64 + 84);
            Start = h.Double(64 + 116);
            UnitText = h.Text(64 + 148, 4);
            timeUnit = h.Text(64 + 152, 4);
            // Units of more than three letters stand behind the data, the formula and the note.
            var (formula, note, data, dimension) = (h.Int32(8), h.Int32(12), h.Int32(16), h.Int32(20));
            var bytes = (long)h.Int32(4) - 320 + HeaderBytes5;
            if (data is > 0 and < MostUnitBytes && formula >= 0 && note >= 0)
                UnitText = new FixedLayout(file.Read(bytes + formula + note, data)).Text(0, data);
            if (dimension is > 0 and < MostUnitBytes && formula >= 0 && note >= 0)
                timeUnit = new FixedLayout(file.Read(bytes + formula + note + Math.Max(data, 0), dimension)).Text(0, dimension);
        }
        else if (Version == 2)
        {
            var h = new FixedLayout(file.Read(0, HeaderBytes2), _isBigEndian);
            _start = HeaderBytes2;
            _type = h.Int16(16);
            rows = h.Int32(16 + 42);
            Interval = h.Double(16 + 48);
            Start = h.Double(16 + 56);
            UnitText = h.Text(16 + 34, 4);
            timeUnit = h.Text(16 + 38, 4);
        }
        else
        {
            throw file.Fault($"an Igor binary wave of version {Version}", "2 or 5");
        }
        if ((_type & Complex) != 0 || Bytes == 0)
            throw file.Fault($"an Igor wave of number type {_type}", "real numbers");
        if (layers != 1)
            throw file.Fault($"an Igor wave of {layers} layers", "samples, or samples and sweeps");
        if (rows < 2 || columns > MostColumns)
            throw file.Damaged(Invariant.Text($"{rows} x {columns} points"));
        (Rows, Columns) = (rows, (int)columns);
        if (file.Length < _start + (Rows * Columns * Bytes))
            throw file.Damaged(Invariant.Text($"{file.Length} bytes for {rows} x {columns} points of {Bytes}"));
        Unit = ColumnUnit.Of(UnitText);
        var time = ColumnUnit.Of(timeUnit) is { Quantity: Quantity.Time } known ? known : null;
        if (time is null && timeUnit.Length > 0)
            throw file.Fault($"unit {Quoted.Of(timeUnit)} of time", $"one of {ColumnUnit.Of(Quantity.Time)}");
        WasGuessed = time is null;
        Interval /= time?.PerBase ?? 1;
        Start /= time?.PerBase ?? 1;
        if (!(Interval > 0 && double.IsFinite(Interval)) || !double.IsFinite(Start))
            throw file.Damaged(Invariant.Text($"a sampling interval of {Interval} s from {Start} s on"));
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    public int Version { get; }

    /// <summary>Samples of a sweep.</summary>
    public long Rows { get; }

    /// <summary>Sweeps.</summary>
    public int Columns { get; }

    /// <summary>Time between samples, s.</summary>
    public double Interval { get; }

    /// <summary>The time of the first sample, s.</summary>
    public double Start { get; }

    /// <summary>The unit of the samples as the file writes it, and what that means; null where it means nothing here.</summary>
    public string UnitText { get; }

    public ColumnUnit? Unit { get; }

    /// <summary>Whether the file names no unit of time.</summary>
    public bool WasGuessed { get; }

    private int Bytes =>
        (_type & ~Unsigned) switch
        {
            2 or 0x20 => 4,
            4 => 8,
            8 => 1,
            0x10 => 2,
            _ => 0,
        };

    /// <summary>Opens a file.</summary>
    public static IgorWave Open(string path)
    {
        var file = new BlockFile(path, "Igor binary wave");
        try
        {
            return new IgorWave(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether another wave has the same samples at the same times.</summary>
    public bool IsLike(IgorWave other) =>
        Rows == other.Rows && (Columns == other.Columns || Columns == 1) && Math.Abs(Interval - other.Interval) <= SameInterval * Interval;

    /// <summary>A sweep in a unit.</summary>
    public SweepSignal Column(int column, ColumnUnit unit) => new ColumnSignal(this, column, Unit!.To(unit));

    /// <summary>An error of the file.</summary>
    public InvalidDataException Fault(string found, string expected) => _file.Fault(found, expected);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private sealed class ColumnSignal(IgorWave wave, int column, double scale) : SweepSignal(wave.Rows)
    {
        private const int SliceSamples = 1 << 17;

        public override void Read(long first, Span<float> into)
        {
            var bytes = wave.Bytes;
            for (var done = 0; done < into.Length; done += SliceSamples)
            {
                var count = Math.Min(SliceSamples, into.Length - done);
                var at = wave._start + (((column * wave.Rows) + first + done) * bytes);
                var block = new FixedLayout(wave._file.Read(at, (long)count * bytes), wave._isBigEndian);
                for (var i = 0; i < count; i++)
                {
                    var number = wave._type switch
                    {
                        2 => (double)block.Single(4 * i),
                        4 => block.Double(8 * i),
                        8 => (sbyte)block.Bytes[i],
                        8 | Unsigned => block.Bytes[i],
                        0x10 => block.Int16(2 * i),
                        0x10 | Unsigned => (ushort)block.Int16(2 * i),
                        0x20 => block.Int32(4 * i),
                        _ => (uint)block.Int32(4 * i),
                    };
                    into[done + i] = (float)(number * scale);
                }
            }
        }
    }
}
