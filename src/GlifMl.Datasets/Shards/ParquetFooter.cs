using System.Buffers.Binary;

namespace GlifMl.Datasets;

/// <summary>
/// The footer of a Parquet file, read strictly and written anew with what reading shards needs: the schema, the key-value metadata and the
/// place of each column chunk.
/// </summary>
/// <remarks>
/// Parquet.Net 6.1.0 reads on for ever behind the end of a damaged footer, takes any length for a list, and skips fields of a struct
/// that it does not know without what stands in them. It never sees a footer that did not go through here.
/// </remarks>
internal sealed class ParquetFooter
{
    /// <summary>No shard is near it: 64 MiB of footer are a million traces in one file.</summary>
    private const int MostBytes = 64 << 20;

    /// <summary>A list is three deep.</summary>
    private const int DeepestSchema = 16;

    private const int TailBytes = 8;

    private static readonly Shape Nothing = new(LeastBytes: 1);

    private static readonly Shape LogicalType = new(LeastBytes: 1, Members: LogicalTypes());

    private static readonly Shape SchemaElement = new(
        LeastBytes: 4,
        Scalar(1, CompactKind.I32), // type
        Scalar(2, CompactKind.I32), // type_length
        Scalar(3, CompactKind.I32), // repetition_type
        Scalar(4, CompactKind.Binary), // name
        Scalar(5, CompactKind.I32), // num_children
        Scalar(6, CompactKind.I32), // converted_type
        Scalar(7, CompactKind.I32), // scale
        Scalar(8, CompactKind.I32), // precision
        new(10, CompactKind.Struct, LogicalType)
    );

    private static readonly Shape ColumnMetaData = new(
        LeastBytes: 8,
        Scalar(1, CompactKind.I32), // type
        List(2, CompactKind.I32), // encodings
        List(3, CompactKind.Binary), // path_in_schema
        Scalar(4, CompactKind.I32), // codec
        Scalar(5, CompactKind.I64), // num_values
        Scalar(6, CompactKind.I64), // total_uncompressed_size
        Scalar(7, CompactKind.I64), // total_compressed_size
        Scalar(9, CompactKind.I64), // data_page_offset
        Scalar(10, CompactKind.I64), // index_page_offset
        Scalar(11, CompactKind.I64) // dictionary_page_offset
    );

    private static readonly Shape ColumnChunk = new(
        LeastBytes: 8,
        Scalar(1, CompactKind.Binary), // file_path
        Scalar(2, CompactKind.I64), // file_offset
        new(3, CompactKind.Struct, ColumnMetaData)
    );

    private static readonly Shape RowGroup = new(
        LeastBytes: 8,
        List(1, CompactKind.Struct, ColumnChunk),
        Scalar(2, CompactKind.I64), // total_byte_size
        Scalar(3, CompactKind.I64) // num_rows
    );

    private static readonly Shape KeyValue = new(LeastBytes: 3, Scalar(1, CompactKind.Binary), Scalar(2, CompactKind.Binary));

    private static readonly Shape FileMetaData = new(
        LeastBytes: 1,
        Scalar(1, CompactKind.I32), // version
        List(2, CompactKind.Struct, SchemaElement),
        Scalar(3, CompactKind.I64), // num_rows
        List(4, CompactKind.Struct, RowGroup),
        List(5, CompactKind.Struct, KeyValue),
        Scalar(6, CompactKind.Binary) // created_by
    );

    /// <summary>Children of each element of the schema, in the file's order.</summary>
    private readonly List<long> _children = [];

    private ParquetFooter() { }

    /// <summary>Where the footer starts: column chunks end before it.</summary>
    public long Start { get; private init; }

    /// <summary>The footer, its length and the magic bytes, as they end a file.</summary>
    public byte[] Tail { get; private set; } = [];

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <summary>Reads the end of a file.</summary>
    /// <exception cref="InvalidDataException">It is no Parquet file, or a damaged one.</exception>
    public static ParquetFooter Read(Stream file)
    {
        if (file.Length < Magic.Length + TailBytes)
            throw new InvalidDataException($"found {file.Length} bytes; expected at least {Magic.Length + TailBytes}");
        Span<byte> head = stackalloc byte[Magic.Length];
        Span<byte> tail = stackalloc byte[TailBytes];
        ReadAt(file, 0, head);
        ReadAt(file, file.Length - TailBytes, tail);
        if (!head.SequenceEqual(Magic) || !tail[4..].SequenceEqual(Magic))
            throw new InvalidDataException(
                $"found {Convert.ToHexString(head)} to {Convert.ToHexString(tail[4..])}; expected PAR1 at both ends"
            );
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        var most = Math.Min(file.Length - Magic.Length - TailBytes, MostBytes);
        if (length > most)
            throw new InvalidDataException($"found a footer of {length} bytes; expected at most {most}");
        var bytes = new byte[length];
        ParquetFooter footer = new() { Start = file.Length - TailBytes - length };
        ReadAt(file, footer.Start, bytes);
        footer.Rewrite(bytes);
        return footer;
    }

    private static void ReadAt(Stream file, long position, Span<byte> bytes)
    {
        file.Seek(position, SeekOrigin.Begin);
        file.ReadExactly(bytes);
    }

    private void Rewrite(ReadOnlySpan<byte> bytes)
    {
        CompactReader reader = new(bytes);
        CompactWriter writer = new();
        Copy(ref reader, writer, FileMetaData);
        CheckSchema();
        var length = writer.Written.Length;
        Tail = new byte[length + TailBytes];
        writer.Written.CopyTo(Tail);
        BinaryPrimitives.WriteInt32LittleEndian(Tail.AsSpan(length), length);
        Magic.CopyTo(Tail.AsSpan(length + 4));
    }

    private void Copy(ref CompactReader reader, CompactWriter writer, Shape shape)
    {
        if (shape == SchemaElement)
            _children.Add(0);
        var (id, last) = (0, 0);
        while (reader.Field(ref id, out var kind))
        {
            if (shape.Find(id) is not { } member)
            {
                reader.Skip(kind);
                continue;
            }
            reader.Require(kind, member.Kind);
            writer.Field(last, id, kind);
            last = id;
            if (kind == CompactKind.List)
            {
                var count = reader.List(out var element, member.Shape?.LeastBytes ?? 1);
                if (count > 0)
                    reader.Require(element, member.Element);
                writer.List(member.Element, count);
                for (; count > 0; count--)
                    CopyValue(ref reader, writer, member.Element, member.Shape);
            }
            else if (shape == SchemaElement && id == 5)
            {
                _children[^1] = reader.Integer(kind);
                writer.Integer(_children[^1]);
            }
            else
            {
                CopyValue(ref reader, writer, kind, member.Shape);
            }
        }
        writer.Byte((byte)CompactKind.Stop);
    }

    private void CopyValue(ref CompactReader reader, CompactWriter writer, CompactKind kind, Shape? shape)
    {
        switch (kind)
        {
            case CompactKind.True or CompactKind.False:
                break;
            case CompactKind.Byte:
                writer.Byte(reader.Byte());
                break;
            case CompactKind.Binary:
                writer.Binary(reader.Binary());
                break;
            case CompactKind.Struct:
                Copy(ref reader, writer, shape!);
                break;
            default:
                writer.Integer(reader.Integer(kind));
                break;
        }
    }

    /// <summary>The elements are one tree, in the order in which one walks through it.</summary>
    private void CheckSchema()
    {
        var open = new Stack<long>();
        for (var element = 0; element < _children.Count; element++)
        {
            while (open.TryPeek(out var left) && left == 0)
                open.Pop();
            if (element > 0 && open.Count == 0)
                throw new InvalidDataException($"found element {element} of the schema outside of its tree; expected {element} elements");
            if (open.Count > 0)
                open.Push(open.Pop() - 1);
            if (_children[element] < 0 || _children[element] >= _children.Count - element || open.Count >= DeepestSchema)
                throw new InvalidDataException(
                    $"found element {element} of the schema with {_children[element]} children, {open.Count} deep; "
                        + $"expected 0 to {_children.Count - element - 1}, at most {DeepestSchema} deep"
                );
            open.Push(_children[element]);
        }
        if (open.Any(left => left > 0))
            throw new InvalidDataException($"found {_children.Count} elements of the schema; expected more, which others have as children");
    }

    private static Member Scalar(int id, CompactKind kind) => new(id, kind);

    private static Member List(int id, CompactKind element, Shape? shape = null) => new(id, CompactKind.List, shape, element);

    /// <summary>A union of structs most of which are empty: the fields' numbers are what it says.</summary>
    private static Member[] LogicalTypes()
    {
        Shape unit = new(LeastBytes: 1, Empty(1), Empty(2), Empty(3));
        Shape time = new(LeastBytes: 1, Scalar(1, CompactKind.True), new Member(2, CompactKind.Struct, unit));
        Shape whole = new(LeastBytes: 1, Scalar(1, CompactKind.Byte), Scalar(2, CompactKind.True));
        Shape fraction = new(LeastBytes: 1, Scalar(1, CompactKind.I32), Scalar(2, CompactKind.I32));
        return
        [
            .. ((int[])[1, 2, 3, 4, 6, 11, 12, 13, 14, 15]).Select(Empty),
            new(5, CompactKind.Struct, fraction),
            new(7, CompactKind.Struct, time),
            new(8, CompactKind.Struct, time),
            new(10, CompactKind.Struct, whole),
        ];

        static Member Empty(int id) => new(id, CompactKind.Struct, Nothing);
    }

    /// <summary>A field that is copied.</summary>
    private sealed record Member(int Id, CompactKind Kind, Shape? Shape = null, CompactKind Element = default);

    /// <summary>A struct of parquet.thrift, with the fields that are copied; others are skipped.</summary>
    private sealed record Shape(int LeastBytes, params Member[] Members)
    {
        public Member? Find(int id) => Array.Find(Members, member => member.Id == id);
    }
}
