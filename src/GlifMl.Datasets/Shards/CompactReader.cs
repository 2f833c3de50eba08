using System.Buffers;

namespace GlifMl.Datasets;

/// <summary>
/// Reads Thrift's compact protocol, in which Parquet's footers and page headers are written, strictly: nothing is longer
/// than the bytes that there are, no number larger than its type, nothing nests without end. Whatever the bytes, it is done
/// after as many steps as there are bytes.
/// </summary>
/// <remarks>https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md</remarks>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    private const int DeepestNesting = 16;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    private readonly int Left => _bytes.Length - Position;

    /// <summary>The next field of a struct: fields stand in the order of their numbers. False at its end.</summary>
    public bool Field(ref int id, out CompactKind kind)
    {
        var header = Byte();
        kind = (CompactKind)(header & 0xF);
        if (header == 0)
            return false;
        var step = header >> 4;
        var next = step > 0 ? id + step : (int)Integer(CompactKind.I16);
        if (next <= id || next > short.MaxValue || kind is CompactKind.Stop or > CompactKind.Struct)
            throw Fault($"field {next} of kind {(int)kind} after field {id}", "the next field");
        id = next;
        return true;
    }

    /// <summary>A number of so many bits, low bits first, alternately positive and negative.</summary>
    public long Integer(CompactKind kind)
    {
        var bits = kind switch
        {
            CompactKind.I16 => 16,
            CompactKind.I32 => 32,
            _ => 64,
        };
        var value = Varint(bits);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public byte Byte() => Left > 0 ? _bytes[Position++] : throw Fault("the end of the bytes", "more");

    public ReadOnlySpan<byte> Binary()
    {
        var length = Varint(32);
        if (length > (ulong)Left)
            throw Fault($"{length} bytes of text", $"at most the {Left} that there are");
        Position += (int)length;
        return _bytes.Slice(Position - (int)length, (int)length);
    }

    /// <summary>The beginning of a list whose elements take <paramref name="least"/> bytes or more each.</summary>
    public int List(out CompactKind kind, int least)
    {
        var header = Byte();
        kind = (CompactKind)(header & 0xF);
        var count = header >> 4 < 15 ? (ulong)(header >> 4) : Varint(32);
        if (count > (ulong)(Left / least))
            throw Fault($"a list of {count}", $"at most {Left / least} in the {Left} bytes that there are");
        return (int)count;
    }

    public readonly void Require(CompactKind found, CompactKind expected)
    {
        if (found != expected && !(IsBoolean(found) && IsBoolean(expected)))
            throw Fault($"a {found}", $"a {expected}");
    }

    public void Skip(CompactKind kind, int depth = 0)
    {
        if (depth > DeepestNesting)
            throw Fault($"values nested {depth} deep", $"at most {DeepestNesting}");
        switch (kind)
        {
            case CompactKind.True or CompactKind.False:
                break;
            case CompactKind.Byte:
                Byte();
                break;
            case CompactKind.I16 or CompactKind.I32 or CompactKind.I64:
                Integer(kind);
                break;
            case CompactKind.Double:
                if (Left < sizeof(double))
                    throw Fault("the end of the bytes", "a number");
                Position += sizeof(double);
                break;
            case CompactKind.Binary:
                Binary();
                break;
            case CompactKind.List or CompactKind.Set:
                for (var left = List(out var element, least: 1); left > 0; left--)
                    SkipElement(element, depth);
                break;
            case CompactKind.Struct:
                var id = 0;
                while (Field(ref id, out var member))
                    Skip(member, depth + 1);
                break;
            default:
                throw Fault($"a value of kind {(int)kind}", "one that Parquet has");
        }
    }

    /// <summary>What is wrong, and at which byte.</summary>
    public readonly InvalidDataException Fault(string found, string expected) =>
        new($"found {found} at byte {Position}; expected {expected}");

    private static bool IsBoolean(CompactKind kind) => kind is CompactKind.True or CompactKind.False;

    private void SkipElement(CompactKind kind, int depth)
    {
        // In a list a truth value is a byte of its own; in a struct the field's kind says it.
        if (IsBoolean(kind))
            Byte();
        else
            Skip(kind, depth + 1);
    }

    private ulong Varint(int bits)
    {
        ulong value = 0;
        for (var shift = 0; shift < bits; shift += 7)
        {
            var next = Byte();
            var part = (ulong)(next & 0x7F);
            if (shift + 7 > bits && part >> (bits - shift) != 0)
                break;
            value |= part << shift;
            if (next < 0x80)
                return value;
        }
        throw Fault("a longer number", $"one of {bits} bits");
    }
}

/// <summary>Writes the compact protocol.</summary>
internal sealed class CompactWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Field(int last, int id, CompactKind kind)
    {
        if (id - last < 16)
        {
            Byte((byte)((id - last) << 4 | (int)kind));
            return;
        }
        Byte((byte)kind);
        Integer(id);
    }

    public void Integer(long value) => Varint((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void Byte(byte value) => _bytes.Write([value]);

    public void Binary(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    public void List(CompactKind kind, int count)
    {
        Byte((byte)(Math.Min(count, 15) << 4 | (int)kind));
        if (count >= 15)
            Varint((ulong)count);
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }
}

/// <summary>Kinds of values.</summary>
internal enum CompactKind : byte
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    I16 = 4,
    I32 = 5,
    I64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
}
