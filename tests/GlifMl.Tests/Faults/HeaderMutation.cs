using System.Buffers.Binary;

namespace GlifMl.Tests.Faults;

/// <summary>Damages formats whose parts find one another by numbers at fixed places: HDF5, ABF, Igor's waves.</summary>
internal static class HeaderMutation
{
    // What blocks of an HDF5 file begin with.
    private static readonly byte[][] Signatures =
    [
        .. ((string[])["TREE", "HEAP", "SNOD", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN", "GCOL", "\u0089HDF"]).Select(
            s => System.Text.Encoding.Latin1.GetBytes(s)
        ),
    ];

    private static readonly long[] Numbers =
    [
        0,
        1,
        -1,
        2,
        3,
        4,
        8,
        512,
        32767,
        -32768,
        65535,
        1 << 24,
        int.MaxValue,
        int.MinValue,
        1L << 33,
        long.MaxValue,
    ];

    /// <summary>Addresses that lead elsewhere, or back where they came from, and numbers behind a block's signature.</summary>
    public static byte[] Hdf5(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        var (blocks, addresses) = (Blocks(whole), Addresses(whole));
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            switch (random.Next(5))
            {
                case 0 when addresses.Count > 1:
                    // To where another one leads: circles, and blocks of another kind.
                    whole.AsSpan(addresses[random.Next(addresses.Count)], 8).CopyTo(bytes.AsSpan(addresses[random.Next(addresses.Count)]));
                    break;
                case 1 when addresses.Count > 0:
                    BinaryPrimitives.WriteInt64LittleEndian(
                        bytes.AsSpan(addresses[random.Next(addresses.Count)]),
                        blocks[random.Next(blocks.Count)]
                    );
                    break;
                default:
                    Number(bytes, blocks[random.Next(blocks.Count)] + random.Next(4, 96), random);
                    break;
            }
        }

        return bytes;
    }

    /// <summary>Numbers where a header has them: at whole multiples of their width.</summary>
    /// <param name="whole">The file.</param>
    /// <param name="random">Decides which.</param>
    /// <param name="length">Bytes of the header.</param>
    public static byte[] Aligned(byte[] whole, Random random, int length)
    {
        byte[] bytes = [.. whole];
        for (var n = random.Next(1, 4); n > 0; n--)
            Number(bytes, Place(whole, random, Math.Min(length, bytes.Length)) & ~1, random);
        return random.Next(16) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    // Where something is said: most of such headers is empty.
    private static int Place(byte[] bytes, Random random, int length)
    {
        var at = random.Next(length);
        for (var tries = 0; tries < 64 && bytes[at] == 0; tries++)
            at = random.Next(length);
        return at;
    }

    private static void Number(byte[] bytes, int at, Random random)
    {
        var width = 1 << random.Next(4);
        if (at + width > bytes.Length)
            return;
        var span = bytes.AsSpan(at, width);
        var value = random.Next(3) switch
        {
            0 => Numbers[random.Next(Numbers.Length)],
            1 => bytes.Length + random.Next(-2, 3),
            _ => span[0] + random.Next(-2, 3),
        };
        if (width == 4 && random.Next(4) == 0)
            BinaryPrimitives.WriteSingleLittleEndian(span, random.Next(3) == 0 ? float.NaN : (float)value * 1e30f);
        else
            BitConverter.GetBytes(value).AsSpan(0, width).CopyTo(span);
    }

    private static List<int> Blocks(byte[] bytes)
    {
        var blocks = new List<int>();
        for (var at = 0; at + 4 <= bytes.Length; at++)
        {
            if (Array.Exists(Signatures, signature => bytes.AsSpan(at, 4).SequenceEqual(signature)))
                blocks.Add(at);
        }

        return blocks;
    }

    /// <summary>Eight bytes that could be a place in the file, and are no small number.</summary>
    private static List<int> Addresses(byte[] bytes)
    {
        var addresses = new List<int>();
        for (var at = 0; at + 8 <= bytes.Length; at++)
        {
            var value = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            if (value >= 48 && value < bytes.Length && value % 8 == 0)
                addresses.Add(at);
        }

        return addresses;
    }
}
