using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace GlifMl.Tests.Faults;

/// <summary>Damages files as disks, networks, other programs and ill will do: bytes, numbers, lengths, lines, whole stretches.</summary>
internal static partial class Mutation
{
    private static readonly long[] Lengths =
    [
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        32767,
        65535,
        1 << 20,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        1L << 40,
        long.MaxValue,
    ];

    private static readonly string[] Numbers =
    [
        "0",
        "-1",
        "1e308",
        "-1e308",
        "1e-320",
        "NaN",
        "-Infinity",
        "99999999999999999999",
        "2147483648",
        "0x10",
        "1,5",
        "",
        "true",
        "1_000",
        "١",
    ];

    private static readonly string[] Signs =
    [
        "[",
        "]",
        "{",
        "}",
        ":",
        "-",
        "\"",
        "'",
        "&a ",
        "*a",
        "!!binary ",
        "|",
        "\t",
        "\0",
        "\u001b[31m",
        "\uFEFF",
        "#",
        ",",
    ];

    /// <summary>A copy with one to three damages.</summary>
    /// <param name="whole">The file.</param>
    /// <param name="random">Decides which.</param>
    /// <param name="hot">Where the structure is, in parts of the whole: two in three damages are made there. Null: everywhere.</param>
    public static byte[] Bytes(byte[] whole, Random random, (double From, double To)? hot = null)
    {
        var bytes = new List<byte>(whole);
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 8; n--)
        {
            var (from, to) = random.Next(3) > 0 ? hot ?? (0, 1) : (0, 1);
            Once(bytes, random, (int)(bytes.Count * (from + ((to - from) * random.NextDouble()))));
        }

        return [.. bytes];
    }

    /// <summary>A text with one to three damages of its numbers, lines and signs; now and then of its bytes.</summary>
    public static byte[] Text(byte[] whole, Random random)
    {
        if (random.Next(8) == 0)
            return Bytes(whole, random);
        var text = Encoding.UTF8.GetString(whole);
        for (var n = random.Next(1, 4); n > 0; n--)
            text = Once(text, random);
        return Encoding.UTF8.GetBytes(text);
    }

    private static void Once(List<byte> bytes, Random random, int at)
    {
        at = Math.Min(at, bytes.Count - 1);
        var count = Math.Min(random.Next(1, 1 << random.Next(1, 10)), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                var number = new byte[8];
                var value = random.Next(3) == 0 ? bytes.Count + random.Next(-2, 3) : Lengths[random.Next(Lengths.Length)];
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                if (random.Next(4) == 0)
                    number.AsSpan().Reverse();
                for (var n = 0; n < Math.Min(1 << random.Next(1, 4), bytes.Count - at); n++)
                    bytes[at + n] = number[n];
                break;
            case 3:
                bytes.RemoveRange(at, count);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                var fill = (byte)(random.Next(2) * 255);
                for (var n = 0; n < count; n++)
                    bytes[at + n] = fill;
                break;
            default:
                var from = random.Next(bytes.Count - count + 1);
                var piece = bytes.GetRange(from, count);
                for (var n = 0; n < count; n++)
                    bytes[at + n] = piece[n];
                break;
        }
    }

    private static string Once(string text, Random random)
    {
        var lines = text.Split('\n').ToList();
        var line = random.Next(lines.Count);
        switch (random.Next(9))
        {
            case 0:
            case 1:
            case 2:
                var numbers = Number.Matches(text);
                if (numbers.Count == 0)
                    return text;
                var number = numbers[random.Next(numbers.Count)];
                return $"{text[..number.Index]}{Numbers[random.Next(Numbers.Length)]}{text[(number.Index + number.Length)..]}";
            case 3:
                lines.RemoveAt(line);
                return string.Join('\n', lines);
            case 4:
                lines.Insert(random.Next(lines.Count + 1), lines[line]);
                return string.Join('\n', lines);
            case 5:
                var at = random.Next(text.Length + 1);
                return text.Insert(at, Signs[random.Next(Signs.Length)]);
            case 6:
                var deep = new string("[{"[random.Next(2)], 1 << random.Next(1, 14));
                return text.Insert(random.Next(text.Length + 1), deep);
            case 7:
                return text[..random.Next(text.Length + 1)];
            default:
                var words = Word.Matches(text);
                if (words.Count < 2)
                    return text;
                var (word, other) = (words[random.Next(words.Count)], words[random.Next(words.Count)]);
                return $"{text[..word.Index]}{other.Value}{text[(word.Index + word.Length)..]}";
        }
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number { get; }

    [GeneratedRegex(@"[A-Za-z_][\w-]*")]
    private static partial Regex Word { get; }
}
