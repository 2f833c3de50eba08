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
    /// <summary>Enough for any header without long statistics; the rest is read where a header is longer.</summary>
    private const int HeaderBytes = 512;

    private const int MostHeaderBytes = 1 << 16;

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
        var most = values + count * LevelBytes + LooseBytes;
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

    private static InvalidDataException Fault(long position, string found, string expected) =>
        new($"found {found} at byte {position}; expected {expected}");

    /// <summary>What a page header says of a page.</summary>
    /// <param name="Kind">Data or a dictionary.</param>
    /// <param name="Start">Where its bytes start, in the file.</param>
    /// <param name="CompressedBytes">How many there are.</param>
    /// <param name="UncompressedBytes">What becomes of them.</param>
    /// <param name="Values">Values of a page of data.</param>
    /// <param name="Encoding">How they are written.</param>
    /// <param name="LevelBytes">Bytes of levels that stand before what is compressed.</param>
    /// <param name="DictionaryValues">Values of a dictionary.</param>
    /// <param name="IsCompressed">Whether the chunk's codec was used.</param>
    private readonly record struct PageHead(
        PageType Kind,
        long Start,
        int CompressedBytes,
        int UncompressedBytes,
        int Values,
        Encoding Encoding,
        int LevelBytes,
        int DictionaryValues,
        bool IsCompressed
    )
    {
        public static PageHead Read(Stream file, long position, long end)
        {
            foreach (var most in (int[])[HeaderBytes, MostHeaderBytes])
            {
                var bytes = new byte[(int)Math.Clamp(end - position, 0, most)];
                file.Seek(position, SeekOrigin.Begin);
                file.ReadExactly(bytes);
                try
                {
                    return Parse(bytes, position, end);
                }
                catch (InvalidDataException) when (bytes.Length == HeaderBytes)
                {
                    // Perhaps it is longer.
                }
            }
            throw Fault(position, "no page header", "one");
        }

        private static PageHead Parse(ReadOnlySpan<byte> bytes, long position, long end)
        {
            CompactReader reader = new(bytes);
            var (kind, page) = (-1, default(PageHead));
            int? uncompressed = null,
                compressed = null;
            var id = 0;
            while (reader.Field(ref id, out var type))
            {
                switch (id)
                {
                    case 1:
                        kind = Number(ref reader, type);
                        break;
                    case 2:
                        uncompressed = Number(ref reader, type);
                        break;
                    case 3:
                        compressed = Number(ref reader, type);
                        break;
                    case 4:
                        reader.Require(type, CompactKind.I32);
                        reader.Skip(type);
                        break;
                    case 5 when kind == (int)PageType.DATA_PAGE:
                    case 7 when kind == (int)PageType.DICTIONARY_PAGE:
                    case 8 when kind == (int)PageType.DATA_PAGE_V2:
                        page = Inner(ref reader, type, (PageType)kind);
                        break;
                    default:
                        // Parquet.Net cannot skip what it does not know, nor is there anything else.
                        throw Fault(position, $"field {id} in a page header", "none");
                }
            }
            var start = position + reader.Position;
            return page.Kind == (PageType)kind && uncompressed >= 0 && compressed >= page.LevelBytes && start + compressed <= end
                ? page with
                {
                    Start = start,
                    CompressedBytes = compressed.Value,
                    UncompressedBytes = uncompressed.Value,
                }
                : throw Fault(position, $"a page of {compressed} bytes and kind {kind}", $"one that ends before {end}");
        }

        /// <summary>The part for the kind of page: numbers of values first, at last perhaps statistics.</summary>
        private static PageHead Inner(ref CompactReader reader, CompactKind type, PageType kind)
        {
            reader.Require(type, CompactKind.Struct);
            Span<int> numbers = stackalloc int[9];
            numbers.Fill(-1);
            var isV2 = kind == PageType.DATA_PAGE_V2;
            var (lastNumber, statistics) = kind switch
            {
                PageType.DATA_PAGE => (4, 5),
                PageType.DICTIONARY_PAGE => (2, 0),
                _ => (6, 8),
            };
            var (id, isCompressed) = (0, true);
            while (reader.Field(ref id, out var member))
            {
                if (id <= lastNumber)
                    numbers[id] = Number(ref reader, member);
                else if (id == statistics)
                    SkipStatistics(ref reader, member);
                else if (id == lastNumber + 1 && member is CompactKind.True or CompactKind.False)
                    isCompressed = !isV2 || member == CompactKind.True;
                else
                    throw reader.Fault($"field {id}", "none");
            }
            var levels = isV2 ? (long)numbers[5] + numbers[6] : 0;
            if (numbers[1] < 0 || numbers[isV2 ? 4 : 2] < 0 || levels is < 0 or > int.MaxValue || isV2 && numbers[2] != 0)
                throw reader.Fault($"a page of {numbers[1]} values", "0 or more, each with a value");
            var encoding = (Encoding)numbers[isV2 ? 4 : 2];
            return kind == PageType.DICTIONARY_PAGE
                ? new PageHead(kind, 0, 0, 0, 0, encoding, 0, numbers[1], IsCompressed: true)
                : new PageHead(kind, 0, 0, 0, numbers[1], encoding, (int)levels, 0, isCompressed);
        }

        private static void SkipStatistics(ref CompactReader reader, CompactKind type)
        {
            reader.Require(type, CompactKind.Struct);
            var id = 0;
            while (reader.Field(ref id, out var member))
            {
                reader.Require(
                    member,
                    id switch
                    {
                        1 or 2 or 5 or 6 => CompactKind.Binary,
                        3 or 4 => CompactKind.I64,
                        7 or 8 => CompactKind.True,
                        _ => throw reader.Fault($"field {id} in statistics", "none"),
                    }
                );
                reader.Skip(member);
            }
        }

        private static int Number(ref CompactReader reader, CompactKind type)
        {
            reader.Require(type, CompactKind.I32);
            return (int)reader.Integer(type);
        }
    }
}
