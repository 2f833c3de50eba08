using System.Buffers.Binary;
using Parquet;
using Parquet.Meta;

namespace GlifMl.Datasets;

/// <summary>
/// Checks the headers of all pages of a shard before any is read: that they lie in the file, one behind the other, that each column chunk
/// has as many values as the footer says, and that no page asks for more memory than its values take.
/// </summary>
/// <remarks>Parquet.Net follows a page header wherever it leads, backwards too, and allocates whatever it says.</remarks>
internal static class ParquetPages
{
    /// <summary>What a page may hold beside its values: two levels for each, at most two bytes long in runs of one, and lengths.</summary>
    private const int LevelBytes = 4,
        LooseBytes = 1024;

    /// <summary>Zstandard's densest block makes 128 KiB of four bytes (RFC 8878, 3.1.1.2): no compressor in use here does better.</summary>
    private const long DensestRatio = (128 << 10) / 4;

    private const uint ZstdMagic = 0xFD2FB528;

    /// <summary>Checks a shard whose columns are known to be those of shards.</summary>
    /// <param name="file">The file.</param>
    /// <param name="parquet">Its footer.</param>
    /// <param name="end">Where its column chunks end.</param>
    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    public static void Check(Stream file, ParquetReader parquet, long end)
    {
        foreach (var group in parquet.Metadata!.RowGroups)
        {
            foreach (var chunk in group.Columns)
                CheckChunk(file, chunk.MetaData!, end);
        }
    }

    /// <summary>Most bytes that a page of so many values may become.</summary>
    public static long MostBytes(long count, int width) => count * (width + LevelBytes) + LooseBytes;

    /// <summary>What is wrong, and at which byte of the file.</summary>
    public static InvalidDataException Fault(long position, string found, string expected) =>
        new($"found {found} at byte {position}; expected {expected}");

    private static void CheckChunk(Stream file, ColumnMetaData chunk, long end)
    {
        // Parquet.Net takes the first of the three that there is, and reads pages until it has all values.
        long?[] offsets = [chunk.DictionaryPageOffset, chunk.DataPageOffset, chunk.IndexPageOffset];
        var position = offsets.Where(offset => offset is not (null or 0)).Min() ?? 0;
        if (position < 4 || position >= end)
            throw Fault(position, "a column chunk", $"one between byte 4 and {end}");
        if (chunk.NumValues is < 1 or > int.MaxValue || chunk.NumValues * (long)Width(chunk) > (end - position) * DensestRatio)
            throw Fault(position, $"a column chunk of {chunk.NumValues} values", $"as many as {end - position} bytes can hold");
        long values = 0;
        for (var dictionary = false; values < chunk.NumValues; )
        {
            var page = PageHead.Read(file, position, end);
            values += page.Values;
            if (
                page.Kind == PageType.DICTIONARY_PAGE
                    ? dictionary || values > 0
                    : page.Kind is not (PageType.DATA_PAGE or PageType.DATA_PAGE_V2)
            )
                throw Fault(position, $"a page of kind {page.Kind}", "a page of data");
            if (page.Kind != PageType.DICTIONARY_PAGE && !IsListed(page.Encoding, chunk))
                throw Fault(position, $"a page in encoding {page.Encoding}", $"one of {string.Join(", ", chunk.Encodings)}");
            dictionary |= page.Kind == PageType.DICTIONARY_PAGE;
            var count = page.Kind == PageType.DICTIONARY_PAGE ? page.DictionaryValues : page.Values;
            CheckSize(file, page, chunk, count);
            position = page.Start + page.CompressedBytes;
        }
        if (values != chunk.NumValues)
            throw Fault(position, $"pages of {values} values", $"the {chunk.NumValues} of the footer");
    }

    private static void CheckSize(Stream file, in PageHead page, ColumnMetaData chunk, long count)
    {
        var values = count * Width(chunk);
        var most = MostBytes(count, Width(chunk));
        // A dictionary's indices may take no bytes at all; values that stand there themselves take their own.
        var least = page.Kind == PageType.DICTIONARY_PAGE || page.Encoding is Encoding.PLAIN or Encoding.BYTE_STREAM_SPLIT ? values : 0;
        if (count > chunk.NumValues || page.UncompressedBytes < least || page.UncompressedBytes > most)
            throw Fault(page.Start, $"a page of {count} values in {page.UncompressedBytes} bytes", $"{least} to {most} bytes");
        Span<byte> start = stackalloc byte[18];
        start = start[..Math.Min(start.Length, page.CompressedBytes - page.LevelBytes)];
        file.Seek(page.Start + page.LevelBytes, SeekOrigin.Begin);
        file.ReadExactly(start);
        if (!start.IsEmpty && page.IsCompressed && ContentSize(chunk.Codec, start) is { } size && size > (ulong)most)
            throw Fault(page.Start, $"a compressed page that says that it holds {size} bytes", $"at most {most}");
    }

    /// <summary>What a compressed page says that it becomes, for the codecs that believe it; null where it does not say.</summary>
    private static ulong? ContentSize(CompressionCodec codec, ReadOnlySpan<byte> start)
    {
        if (codec == CompressionCodec.SNAPPY)
        {
            // https://github.com/google/snappy/blob/main/format_description.txt, 1: a number of seven bits a byte, low ones first.
            ulong size = 0;
            for (var n = 0; n < Math.Min(5, start.Length); n++)
            {
                size |= (ulong)(start[n] & 0x7F) << (7 * n);
                if (start[n] < 0x80)
                    return size;
            }
            return ulong.MaxValue;
        }
        if (codec != CompressionCodec.ZSTD)
            return null;
        // RFC 8878, 3.1.1.1: magic, descriptor, window unless the frame is one segment, dictionary number, size.
        if (start.Length < 6 || BinaryPrimitives.ReadUInt32LittleEndian(start) != ZstdMagic)
            return ulong.MaxValue;
        var descriptor = start[4];
        var isSingle = (descriptor & 0x20) != 0;
        int[] numberBytes = [0, 1, 2, 4],
            sizeBytes = [isSingle ? 1 : 0, 2, 4, 8];
        var (number, length) = (numberBytes[descriptor & 3], sizeBytes[descriptor >> 6]);
        start = start[(5 + (isSingle ? 0 : 1))..];
        if (start.Length < number + length)
            return ulong.MaxValue;
        Span<byte> digits = stackalloc byte[8];
        start.Slice(number, length).CopyTo(digits);
        return length == 0 ? null : BinaryPrimitives.ReadUInt64LittleEndian(digits) + (length == 2 ? 256u : 0u);
    }

    private static int Width(ColumnMetaData chunk) => chunk.Type is Parquet.Meta.Type.INT32 or Parquet.Meta.Type.FLOAT ? 4 : 8;

    /// <summary>The footer names a chunk's encodings. Dictionaries have two names.</summary>
    private static bool IsListed(Encoding encoding, ColumnMetaData chunk) =>
        chunk.Encodings.Contains(encoding)
        || encoding is Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY
            && chunk.Encodings.Exists(listed => listed is Encoding.PLAIN_DICTIONARY or Encoding.RLE_DICTIONARY);
}
