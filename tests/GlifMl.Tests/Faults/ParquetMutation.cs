using System.Buffers.Binary;
using System.Text;
using GlifMl.Datasets;

namespace GlifMl.Tests.Faults;

/// <summary>
/// Damages a Parquet file value by value: those of its footer, or of a page's header, written as Thrift has them, with a footer's length
/// that fits. Such files pass whoever only looks at lengths and magic bytes.
/// </summary>
internal static class ParquetMutation
{
    private const int Tail = 8;

    private static readonly long[] Numbers = [0, -1, 1, 2, 7, 64, 4096, int.MaxValue, int.MinValue, 1L << 33, long.MaxValue, long.MinValue];

    /// <summary>A copy with one to three damages of one struct.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        var footer = whole.Length - Tail - BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(whole.Length - Tail));
        if (random.Next(3) > 0)
            return WithFooter(whole, footer, Damaged(whole.AsSpan(footer, whole.Length - Tail - footer), random).Bytes);
        var pages = Pages(whole.AsSpan(0, footer));
        var page = pages[random.Next(pages.Count)];
        var (header, length) = Damaged(whole.AsSpan(page, footer - page), random);
        // In its place where it fits, so that what the footer says of places holds.
        if (random.Next(2) == 0)
            header = [.. header.Take(length), .. new byte[Math.Max(0, length - header.Length)]];
        return [.. whole.AsSpan(0, page), .. header, .. whole.AsSpan(page + length)];
    }

    private static byte[] WithFooter(byte[] whole, int start, byte[] footer)
    {
        var tail = whole.AsSpan(whole.Length - Tail).ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(tail, footer.Length);
        return [.. whole.AsSpan(0, start), .. footer, .. tail];
    }

    /// <summary>Where pages start: one follows the other.</summary>
    private static List<int> Pages(ReadOnlySpan<byte> bytes)
    {
        var (pages, at) = (new List<int>(), 4);
        while (at < bytes.Length)
        {
            CompactReader reader = new(bytes[at..]);
            var header = (Struct)Read(ref reader, CompactKind.Struct);
            pages.Add(at);
            at += reader.Position + (int)((Number)header.Fields.Single(field => field.Id == 3).Value).Content;
        }

        return pages;
    }

    private static (byte[] Bytes, int Length) Damaged(ReadOnlySpan<byte> bytes, Random random)
    {
        CompactReader reader = new(bytes);
        var root = (Struct)Read(ref reader, CompactKind.Struct);
        for (var n = random.Next(1, 4); n > 0; n--)
            Damage(root, random);
        CompactWriter writer = new();
        Write(writer, root);
        return (writer.Written.ToArray(), reader.Position);
    }

    private static void Damage(Value value, Random random)
    {
        switch (value)
        {
            case Struct { Fields.Count: > 0 } within:
                var at = random.Next(within.Fields.Count);
                if (random.Next(8) > 0)
                    Damage(within.Fields[at].Value, random);
                else if (random.Next(2) == 0)
                    within.Fields.RemoveAt(at);
                else
                    within.Fields[at] = (within.Fields[at].Id, within.Fields[random.Next(within.Fields.Count)].Value);
                break;
            case List { Items.Count: > 0 } list:
                var item = random.Next(list.Items.Count);
                if (random.Next(6) > 0)
                    Damage(list.Items[item], random);
                else if (random.Next(2) == 0)
                    list.Items.RemoveAt(item);
                else
                    list.Items.Insert(random.Next(list.Items.Count + 1), list.Items[item]);
                break;
            case Number number:
                number.Content = random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : number.Content + random.Next(-2, 3);
                break;
            case Text text:
                text.Content = random.Next(3) switch
                {
                    0 => [],
                    1 => Encoding.UTF8.GetBytes("../../" + new string('x', 1 << random.Next(1, 14))),
                    _ => text.Content.Length > 8 ? Mutation.Bytes(text.Content, random) : [0xFF, .. text.Content],
                };
                break;
            default:
                break;
        }
    }

    private static Value Read(ref CompactReader reader, CompactKind kind, bool inList = false)
    {
        switch (kind)
        {
            case CompactKind.True or CompactKind.False:
                return new Number(kind) { Content = inList ? reader.Byte() : 0 };
            case CompactKind.Byte:
                return new Number(kind) { Content = reader.Byte() };
            case CompactKind.Binary:
                return new Text { Content = reader.Binary().ToArray() };
            case CompactKind.List or CompactKind.Set:
                var count = reader.List(out var element, least: 1);
                List list = new(kind, element);
                for (; count > 0; count--)
                    list.Items.Add(Read(ref reader, element, inList: true));
                return list;
            case CompactKind.Struct:
                Struct read = new();
                var id = 0;
                while (reader.Field(ref id, out var member))
                    read.Fields.Add((id, Read(ref reader, member)));
                return read;
            default:
                return new Number(kind) { Content = reader.Integer(kind) };
        }
    }

    private static void Write(CompactWriter writer, Value value, bool inList = false)
    {
        switch (value)
        {
            case Number { Kind: CompactKind.True or CompactKind.False } boolean:
                if (inList)
                    writer.Byte((byte)boolean.Content);
                break;
            case Number { Kind: CompactKind.Byte } small:
                writer.Byte((byte)small.Content);
                break;
            case Number number:
                writer.Integer(number.Content);
                break;
            case Text text:
                writer.Binary(text.Content);
                break;
            case List list:
                writer.List(list.Element, list.Items.Count);
                foreach (var item in list.Items)
                    Write(writer, item, inList: true);
                break;
            case Struct fields:
                var last = 0;
                foreach (var (id, member) in fields.Fields)
                {
                    writer.Field(last, id, member.Kind);
                    Write(writer, member);
                    last = id;
                }

                writer.Byte((byte)CompactKind.Stop);
                break;
        }
    }

    private abstract record Value(CompactKind Kind);

    private sealed record Number(CompactKind Kind) : Value(Kind)
    {
        public long Content { get; set; }
    }

    private sealed record Text() : Value(CompactKind.Binary)
    {
        public byte[] Content { get; set; } = [];
    }

    private sealed record List(CompactKind Kind, CompactKind Element) : Value(Kind)
    {
        public List<Value> Items { get; } = [];
    }

    private sealed record Struct() : Value(CompactKind.Struct)
    {
        public List<(int Id, Value Value)> Fields { get; } = [];
    }
}
