using System.Text;

namespace GlifMl.Tests.Faults;

/// <summary>
/// Damages a protocol buffer field by field, as its wire format has them: numbers, texts, whole messages lost, twice, or in another's
/// place, every length right. Such files pass a parser and reach what reads the message.
/// </summary>
internal static class ProtobufMutation
{
    private const int Varint = 0,
        Fixed64 = 1,
        Content = 2,
        Fixed32 = 5;

    private static readonly ulong[] Numbers = [0, 1, 2, 3, 7, 8, 16, 127, 255, 65536, int.MaxValue, 1UL << 32, 1UL << 62, ulong.MaxValue];

    /// <summary>A copy with one to three damages.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        var bytes = whole;
        for (var n = random.Next(1, 4); n > 0; n--)
            bytes = Once(bytes, random);
        return bytes;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        if (Parse(bytes) is not { Count: > 0 } fields)
            return bytes;
        // Large fields hold more to damage, but not in proportion: weights would take it all.
        var weights = fields.ConvertAll(field => 1 + Math.Log2(1 + field.Bytes.Length));
        var (at, left) = (0, random.NextDouble() * weights.Sum());
        while (at < fields.Count - 1 && (left -= weights[at]) > 0)
            at++;
        var chosen = fields[at];
        if (chosen.Wire == Content && random.Next(5) > 0 && Parse(chosen.Bytes) is { Count: > 0 })
        {
            fields[at] = chosen with { Bytes = Once(chosen.Bytes, random) };
            return Write(fields);
        }

        switch (random.Next(7))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.Insert(random.Next(fields.Count + 1), chosen);
                break;
            case 2:
                fields[at] = chosen with { Bytes = fields[random.Next(fields.Count)].Bytes, Wire = chosen.Wire };
                break;
            case 3:
                fields[at] = chosen with { Number = Math.Max(1, chosen.Number + random.Next(-2, 3)) };
                break;
            case 4:
                var other = random.Next(fields.Count);
                (fields[at], fields[other]) = (fields[other], chosen);
                break;
            default:
                fields[at] = chosen with
                {
                    Value = random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : chosen.Value + (ulong)random.Next(-2, 3),
                    Bytes = chosen.Wire == Content ? Text(chosen.Bytes, random) : chosen.Bytes,
                };
                break;
        }

        return Write(fields);
    }

    private static byte[] Text(byte[] bytes, Random random) =>
        random.Next(4) switch
        {
            0 => [],
            1 => Encoding.UTF8.GetBytes(new string("x/.é"[random.Next(4)], 1 << random.Next(1, 12))),
            2 when bytes.Length > 0 => bytes[..random.Next(bytes.Length)],
            _ when bytes.Length > 8 => Mutation.Bytes(bytes, random),
            _ => [(byte)random.Next(256), .. bytes],
        };

    /// <summary>The fields of a message; null where the bytes are none.</summary>
    private static List<Field>? Parse(ReadOnlySpan<byte> bytes)
    {
        var fields = new List<Field>();
        while (bytes.Length > 0)
        {
            if (!ReadVarint(ref bytes, out var tag) || tag >> 3 is 0 or > 1 << 20)
                return null;
            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            var value = 0UL;
            if ((wire is Varint or Content) && !ReadVarint(ref bytes, out value))
                return null;
            var length = wire switch
            {
                Varint => 0UL,
                Fixed64 => 8UL,
                Content => value,
                Fixed32 => 4UL,
                _ => ulong.MaxValue,
            };
            if (length > (ulong)bytes.Length)
                return null;
            fields.Add(new(number, wire, value, bytes[..(int)length].ToArray()));
            bytes = bytes[(int)length..];
        }

        return fields;
    }

    private static bool ReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && bytes.Length > 0; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }

    private static byte[] Write(List<Field> fields)
    {
        var bytes = new List<byte>();
        foreach (var field in fields)
        {
            WriteVarint(bytes, ((ulong)field.Number << 3) | (uint)field.Wire);
            if (field.Wire == Varint)
                WriteVarint(bytes, field.Value);
            else if (field.Wire == Content)
                WriteVarint(bytes, (ulong)field.Bytes.Length);
            if (field.Wire != Varint)
                bytes.AddRange(field.Wire == Content ? field.Bytes : Padded(field.Bytes, field.Wire == Fixed64 ? 8 : 4));
        }

        return [.. bytes];
    }

    private static byte[] Padded(byte[] bytes, int length)
    {
        var padded = new byte[length];
        bytes.AsSpan(0, Math.Min(bytes.Length, length)).CopyTo(padded);
        return padded;
    }

    private static void WriteVarint(List<byte> bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
    }

    private sealed record Field(int Number, int Wire, ulong Value, byte[] Bytes);
}
