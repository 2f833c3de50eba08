using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace GlifMl.Datasets;

/// <summary>
/// A file for a reader that may be led astray by it: each stretch of reading has so many reads, so much memory and so much stack, and
/// what asks for bytes that the file does not have is refused before it gets them.
/// </summary>
internal sealed class LimitedStream : Stream
{
    private const int BufferBytes = 1 << 13;

    // Enough for the structure of any file: PureHDF reads a number at a time, and decodes a header again for each question to it.
    private const long FewestReads = 4_000_000;
    private const long ReadsPerByte = 16;

    // Reading allocates for each header and each name again, and a chunk packed and unpacked.
    private const long LeastAllocated = 256L << 20;
    private const long AllocatedPerByte = 32;
    private const long MostAllocated = 16L << 30;

    // Nothing that is stored packed unpacks to more than 1032 times itself (deflate).
    private const double MostUnpacked = 1032;

    [ThreadStatic]
    private static LimitedStream? _ofThisThread;

    private readonly FileStream _file;
    private long _position;
    private long _reads;
    private long _mostReads;
    private long _mostAllocated;
    private ulong _singles;
    private int _singleCount;
    private (int Singles, int Bytes) _nextName;
    private volatile bool _isStopped;

    public LimitedStream(string path) => _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferBytes);

    /// <summary>Reads so far.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _file.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = value >= 0 && value <= Length ? value : throw Beyond(value);
    }

    /// <summary>Begins a stretch of reading, on the thread that reads.</summary>
    public void Begin()
    {
        _ofThisThread = this;
        _mostReads = _reads + FewestReads + (ReadsPerByte * Length);
        _mostAllocated = GC.GetAllocatedBytesForCurrentThread() + Math.Min(MostAllocated, LeastAllocated + (AllocatedPerByte * Length));
    }

    /// <summary>
    /// Refuses what the file that this thread reads cannot hold, before memory for it is asked for: a damaged size is most often beyond it.
    /// </summary>
    /// <param name="bytes">How many bytes there would be.</param>
    /// <param name="isPacked">Whether they may be packed in the file.</param>
    /// <param name="of">What they are of.</param>
    public static void RequireInFile(double bytes, bool isPacked, string of)
    {
        if (_ofThisThread is { } stream && bytes > stream.Length * (isPacked ? MostUnpacked : 1))
            throw new InvalidDataException(Invariant.Text($"{of} of {bytes:G4} bytes in a file of {stream.Length}"));
    }

    /// <summary>Ends all reading.</summary>
    public void Stop() => _isStopped = true;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        // A structure that contains itself ends here rather than at the end of the stack, which would end the program.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_isStopped)
            throw new OperationCanceledException("reading was ended");
        if (Interlocked.Increment(ref _reads) > _mostReads)
            throw new InvalidDataException("the structure does not end");
        if (GC.GetAllocatedBytesForCurrentThread() > _mostAllocated)
            throw new InvalidDataException("the structure needs more memory than the file can fill");
        if (buffer.Length > Length - _position)
            throw Beyond(_position + buffer.Length);
        if (_file.Position != _position)
            _file.Position = _position;
        var read = _file.Read(buffer);
        _position += read;
        Check(buffer[..read]);
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) =>
        Position =
            offset
            + origin switch
            {
                SeekOrigin.Begin => 0,
                SeekOrigin.Current => _position,
                _ => Length,
            };

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Stop();
            _file.Dispose();
        }
        base.Dispose(disposing);
    }

    // PureHDF allocates what a length says before it reads that much. Where damaged ones are likely to do harm they are looked at first.
    private void Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1)
        {
            _singles = (_singles << 8) | bytes[0];
            _singleCount++;
            return;
        }
        var singles = new SingleBytes(_singles, _singleCount);
        (_singles, _singleCount) = (0, 0);
        CheckLink(bytes, singles);
        if (bytes.Length == sizeof(ushort) && singles.AreBegunBy(2) && singles[0, of: 2] is >= 1 and <= 3)
            CheckAttribute(_position - 4);
        if (bytes.Length != sizeof(uint))
            return;
        if (IsFillValue(singles))
            RequireThere(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        if (bytes.SequenceEqual("GCOL"u8))
            CheckCollection();
        else if (bytes.SequenceEqual("HEAP"u8))
            CheckLength(At(_position + 4), "a heap");
    }

    // Version, two times and a flag; or version and flags, one of which says that there is a value: its length comes next.
    private static bool IsFillValue(SingleBytes singles) =>
        (singles.AreBegunBy(4) && (singles[0, of: 4], singles[1, of: 4], singles[2, of: 4], singles[3, of: 4]) is (1 or 2, <= 3, <= 2, 1))
        || (singles.AreBegunBy(2) && singles[0, of: 2] == 3 && (singles[1, of: 2] & 0x20) != 0);

    // Version, flags, what a link is, the place in the order of making and the encoding, all but the first two if the flags say so; and the
    // length of its name, in as many bytes as they say. One or two are no danger, and behind them comes the name.
    private void CheckLink(ReadOnlySpan<byte> bytes, SingleBytes singles)
    {
        const int order = 4,
            kind = 8,
            encoding = 16;
        var isNamed = _nextName == (singles.Count, bytes.Length);
        _nextName = default;
        for (var count = 2; count <= 4; count++)
        {
            var flags = singles[1, of: count];
            if (!singles.AreBegunBy(count) || singles[0, of: count] != 1 || Width(flags) < sizeof(int))
                continue;
            if ((flags & order) == 0)
                isNamed |= count == 2 + Bit(flags, kind) + Bit(flags, encoding) && bytes.Length == Width(flags);
            else if (count == 2 + Bit(flags, kind) && bytes.Length == sizeof(long))
                _nextName = (Bit(flags, encoding), Width(flags));
        }

        if (isNamed && bytes.Length >= sizeof(int))
            RequireThere(BinaryPrimitives.ReadInt32LittleEndian(bytes));

        static int Width(int flags) => 1 << (flags & 3);
        static int Bit(int flags, int bit) => (flags & bit) != 0 ? 1 : 0;
    }

    // An attribute holds its values: as many as its dimensions say, as large as its type says. What is not laid out as one, or refers to a
    // type elsewhere, is let pass.
    private void CheckAttribute(long start)
    {
        const int head = 8;
        Span<byte> bytes = stackalloc byte[head];
        if (start < 0 || start > Length - head)
            return;
        ReadAt(start, bytes);
        var (version, flags) = (bytes[0], bytes[1]);
        var (name, type, space) = (At2(bytes, 2), At2(bytes, 4), At2(bytes, 6));
        long Padded(int size) => version == 1 ? (size + 7) / 8 * 8 : size;
        var typeAt = start + head + (version == 3 ? 1 : 0) + Padded(name);
        var spaceAt = typeAt + Padded(type);
        if ((version > 1 && flags != 0) || type < head || space < 4 || spaceAt > Length - space - head)
            return;
        ReadAt(typeAt, bytes);
        double size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        ReadAt(spaceAt, bytes);
        var (rank, first) = (bytes[1], bytes[0] == 1 ? 8 : 4);
        if (bytes[0] is not (1 or 2) || (space != first + (8 * rank) && space != first + (16 * rank)))
            return;
        for (var dimension = 0; dimension < rank; dimension++)
            size *= (ulong)At(spaceAt + first + (8 * dimension));
        if (size > Length)
            throw new InvalidDataException(Invariant.Text($"an attribute of {size:G4} bytes in a file of {Length}"));

        static int At2(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt16LittleEndian(from[at..]);
    }

    private void RequireThere(int length)
    {
        if (length > Length)
            throw Beyond(_position + length);
    }

    // The objects of a global heap collection: texts of variable length.
    private void CheckCollection()
    {
        const int header = 16;
        var start = _position - 4;
        var size = At(start + 8);
        CheckLength(size, "a heap collection");
        Span<byte> index = stackalloc byte[2];
        for (var at = header; at + header <= size; )
        {
            ReadAt(start + at, index);
            if (BinaryPrimitives.ReadUInt16LittleEndian(index) == 0)
                break;
            var length = At(start + at + 8);
            // PureHDF would go on behind the collection, and take anything for objects.
            if (length < 0 || length > size - at - header)
                throw new InvalidDataException(Invariant.Text($"a heap object of {length} bytes in a collection of {size}"));
            at += header + (int)((length + 7) / 8 * 8);
        }
    }

    private void CheckLength(long length, string of)
    {
        if (length < 0 || length > Length)
            throw new InvalidDataException(Invariant.Text($"{of} of {length} bytes"));
    }

    // Lengths of eight bytes: no NWB file has others.
    private long At(long position)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        ReadAt(position, bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private void ReadAt(long position, Span<byte> bytes)
    {
        if (position < 0 || position > Length - bytes.Length)
            throw Beyond(position);
        _file.Position = position;
        _file.ReadExactly(bytes);
    }

    private EndOfStreamException Beyond(long place) => new(Invariant.Text($"byte {place} of {Length}"));

    /// <summary>Bytes that were read one by one, up to what is read now: the head of a message.</summary>
    /// <param name="All">The last eight.</param>
    /// <param name="Count">How many there are.</param>
    private readonly record struct SingleBytes(ulong All, int Count)
    {
        /// <summary>A byte of a head that ends with the last of them.</summary>
        public int this[int place, int of] => (byte)(All >> (8 * (of - 1 - place)));

        /// <summary>
        /// Whether a head of so many bytes may be all of them, or all but the message's own flags, which some headers have.
        /// </summary>
        public bool AreBegunBy(int bytes) => Count == bytes || Count == bytes + 1;
    }
}
