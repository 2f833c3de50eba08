using System.Buffers.Binary;
using Parquet.Meta;
using Parquet.Schema;
using Snappier;

namespace GlifMl.Datasets;

/// <summary>
/// Reads column chunks of traces as this program writes them. Parquet.Net, which reads everything else, puts floats together byte by byte
/// and writes out two levels for each: whoever scores shards would wait for it.
/// </summary>
internal sealed class TraceChunkReader
{
    private byte[] _stored = [];
    private byte[] _page = [];

    /// <summary>Reads all values of a chunk; false where it is written in another way, or is no chunk at all.</summary>
    /// <param name="file">The file.</param>
    /// <param name="chunk">What its footer says of the chunk.</param>
    /// <param name="end">Where the file's column chunks end.</param>
    /// <param name="field">The column.</param>
    /// <param name="samples">Values of each trace.</param>
    /// <param name="values">Receives the values, as many as the footer says.</param>
    public bool TryRead(Stream file, ColumnMetaData chunk, long end, DataField field, int samples, Span<float> values)
    {
        if (chunk.Codec is not (CompressionCodec.SNAPPY or CompressionCodec.UNCOMPRESSED) || chunk.DictionaryPageOffset is not (null or 0))
            return false;
        var position = chunk.DataPageOffset;
        for (var read = 0; read < values.Length; )
        {
            var head = PageHead.Read(file, position, end);
            if (
                head.Kind != PageType.DATA_PAGE
                || head.Encoding is not (Encoding.BYTE_STREAM_SPLIT or Encoding.PLAIN)
                || head.Values == 0
                || head.Values > values.Length - read
                || head.UncompressedBytes > ParquetPages.MostBytes(head.Values, sizeof(float))
                || !TryReadPage(file, chunk.Codec, head, out var page)
                || !TrySkipLevels(ref page, field.MaxRepetitionLevel, read, head.Values, samples)
                || !TrySkipLevels(ref page, field.MaxDefinitionLevel, read, head.Values, length: 0)
                || page.Length != (long)head.Values * sizeof(float)
            )
                return false;
            var target = values.Slice(read, head.Values);
            if (head.Encoding == Encoding.BYTE_STREAM_SPLIT)
                ByteStreamSplit.Decode(page, target);
            else
                page.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(target));
            read += head.Values;
            position = head.Start + head.CompressedBytes;
        }
        return true;
    }

    private bool TryReadPage(Stream file, CompressionCodec codec, in PageHead head, out ReadOnlySpan<byte> page)
    {
        var stored = Room(ref _stored, head.CompressedBytes);
        file.Seek(head.Start, SeekOrigin.Begin);
        file.ReadExactly(stored);
        if (codec == CompressionCodec.UNCOMPRESSED)
        {
            page = stored;
            return stored.Length == head.UncompressedBytes;
        }
        var room = Room(ref _page, head.UncompressedBytes);
        page = room;
        return Snappy.GetUncompressedLength(stored) == room.Length
            && Snappy.TryDecompress(stored, room, out var written)
            && written == room.Length;
    }

    private static bool TrySkipLevels(ref ReadOnlySpan<byte> page, int most, int firstValue, int count, int length)
    {
        if (most == 0)
            return true;
        if (page.Length < sizeof(int))
            return false;
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(page);
        page = page[sizeof(int)..];
        if (bytes < 0 || bytes > page.Length || !TraceLevels.AreRegular(page[..bytes], most, firstValue, count, length))
            return false;
        page = page[bytes..];
        return true;
    }

    private static Span<byte> Room(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes)
            buffer = GC.AllocateUninitializedArray<byte>(bytes);
        return buffer.AsSpan(0, bytes);
    }
}
