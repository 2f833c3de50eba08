using Parquet;

namespace GlifMl.Datasets;

/// <summary>Opens Parquet files for Parquet.Net, which is given a checked footer and never an end of the file.</summary>
internal static class ParquetFile
{
    /// <summary>Opens a file.</summary>
    /// <param name="file">The file, which the reader reads on from.</param>
    /// <param name="end">Where its column chunks end.</param>
    /// <exception cref="InvalidDataException">The footer is damaged.</exception>
    public static ParquetReader Open(Stream file, out long end)
    {
        var footer = ParquetFooter.Read(file);
        end = footer.Start;
        return ParquetReader.CreateAsync(new CheckedStream(file, footer), leaveStreamOpen: true).GetAwaiter().GetResult();
    }

    /// <summary>A file up to its footer, and then the checked footer. Who reads behind that is told so by an exception.</summary>
    private sealed class CheckedStream(Stream file, ParquetFooter footer) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => footer.Start + footer.Tail.Length;

        public override long Position
        {
            get => _position;
            set => _position = value >= 0 ? value : throw new IOException($"found position {value}; expected one in the file");
        }

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty)
                return 0;
            var read = _position < footer.Start ? ReadFile(buffer) : ReadFooter(buffer);
            _position += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int ReadByte()
        {
            var value = default(byte);
            return Read(new Span<byte>(ref value)) > 0 ? value : -1;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer.AsSpan(offset, count)));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override long Seek(long offset, SeekOrigin origin) =>
            Position =
                offset
                + origin switch
                {
                    SeekOrigin.Begin => 0,
                    SeekOrigin.Current => _position,
                    _ => Length,
                };

        public override void Flush() => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int ReadFile(Span<byte> buffer)
        {
            if (file.Position != _position)
                file.Position = _position;
            var read = file.Read(buffer[..(int)Math.Min(buffer.Length, footer.Start - _position)]);
            return read > 0 ? read : throw new EndOfStreamException("the file has become shorter");
        }

        private int ReadFooter(Span<byte> buffer)
        {
            var start = (int)Math.Min(_position - footer.Start, footer.Tail.Length);
            var left = footer.Tail.AsSpan(start);
            if (left.IsEmpty)
                throw new EndOfStreamException("found the end of the file; expected more");
            left = left[..Math.Min(left.Length, buffer.Length)];
            left.CopyTo(buffer);
            return left.Length;
        }
    }
}
