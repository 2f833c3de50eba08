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

    private const int FillValueHead = 4;

    // Nothing that is stored packed unpacks to more than 1032 times itself (deflate).
    private const double MostUnpacked = 1032;

    [ThreadStatic]
    private static LimitedStream? _ofThisThread;

    private readonly FileStream _file;
    private long _position;
    private long _reads;
    private long _mostReads;
    private long _mostAllocated;
    private uint _singles;
    private int _singleCount;
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
        var (head, count) = (_singles, _singleCount);
        (_singles, _singleCount) = (0, 0);
        // Version, flags and what a link is: the length of its name.
        if (bytes.Length == sizeof(long) && count is >= 2 and <= 4 && head >> (8 * (count - 1)) == 1)
            RequireThere((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
        if (bytes.Length != sizeof(uint))
            return;
        // Version, two times and a flag: the length of a fill value.
        if (count == FillValueHead && (head >> 24, (head >> 16) & 0xFF, (head >> 8) & 0xFF, head & 0xFF) is (1 or 2, <= 3, <= 2, 1))
            RequireThere(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        if (bytes.SequenceEqual("GCOL"u8))
            CheckCollection();
        else if (bytes.SequenceEqual("HEAP"u8))
            CheckLength(At(_position + 4), "a heap");
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
            CheckLength(length, "a heap object");
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
}
