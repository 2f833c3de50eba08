using Parquet.Meta;

namespace GlifMl.Datasets;

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
internal readonly record struct PageHead(
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
    /// <summary>Enough for any header without long statistics; the rest is read where a header is longer.</summary>
    private const int HeaderBytes = 512;

    private const int MostHeaderBytes = 1 << 16;

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
        throw ParquetPages.Fault(position, "no page header", "one");
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
                    throw ParquetPages.Fault(position, $"field {id} in a page header", "none");
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
            : throw ParquetPages.Fault(position, $"a page of {compressed} bytes and kind {kind}", $"one that ends before {end}");
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
