using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Simulation;

/// <summary>
/// The one source of randomness: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
/// counter-based generator. A seed, a stream's name and an index fix every number drawn, so item 12,345 of a data set is made alone,
/// on any core, to the same bits.
/// </summary>
/// <remarks>Not thread-safe: each item makes its own.</remarks>
public sealed class SeededRandom
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    private const int Rounds = 10;

    /// <summary>Blocks that are made at once.</summary>
    private const int Blocks = 4;

    private readonly ulong _seed;
    private readonly uint _stream;
    private readonly ulong _index;
    private uint _block;
    private ulong _spare;
    private bool _hasSpare;
    private double _spareGaussian;
    private bool _hasSpareGaussian;

    /// <summary>Creates the generator of one item.</summary>
    /// <param name="seed">The seed the user chose.</param>
    /// <param name="stream">What the numbers are for; different names give independent numbers.</param>
    /// <param name="index">Which item. Default 0.</param>
    public SeededRandom(ulong seed, string stream, long index = 0)
    {
        _seed = seed;
        _index = (ulong)index;
        // FNV-1a, 32 bits.
        _stream = 2166136261;
        foreach (var character in stream)
            _stream = (_stream ^ character) * 16777619;
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }
        Span<uint> words = [_block++, _stream, (uint)_index, (uint)(_index >> 32)];
        Philox(words, (uint)_seed, (uint)(_seed >> 32));
        var pair = MemoryMarshal.Cast<uint, ulong>(words);
        (_spare, _hasSpare) = (pair[1], true);
        return pair[0];
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => ToDouble(NextUInt64());

    /// <summary>Uniform in 0..bound-1, without bias.</summary>
    /// <param name="bound">How many values; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bound is less than 1.</exception>
    public long NextBelow(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        // Lemire 2019, "Fast random integer generation in an interval": the few products that would bias are drawn again.
        var range = (ulong)bound;
        var refused = (0 - range) % range;
        ulong high;
        ulong low;
        do high = Math.BigMul(NextUInt64(), range, out low);
        while (low < refused);
        return (long)high;
    }

    /// <summary>Standard normal (mean 0, SD 1), by Box and Muller's transformation.</summary>
    public double NextGaussian()
    {
        if (_hasSpareGaussian)
        {
            _hasSpareGaussian = false;
            return _spareGaussian;
        }
        (var first, _spareGaussian) = Gaussians(NextDouble(), NextDouble());
        _hasSpareGaussian = true;
        return first;
    }

    /// <summary>Standard normal numbers, those that <see cref="NextGaussian"/> would give one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void NextGaussians(Span<double> values)
    {
        var n = 0;
        if (_hasSpareGaussian && n < values.Length)
            values[n++] = NextGaussian();
        if (Avx2.IsSupported && !_hasSpare)
        {
            // A block of the generator is a pair of numbers: its two halves are a radius and an angle.
            Span<ulong> radii = stackalloc ulong[Blocks];
            Span<ulong> angles = stackalloc ulong[Blocks];
            for (; n <= values.Length - 2 * Blocks; _block += Blocks)
            {
                PhiloxBlocks(radii, angles);
                for (var block = 0; block < Blocks; block++, n += 2)
                    (values[n], values[n + 1]) = Gaussians(ToDouble(radii[block]), ToDouble(angles[block]));
            }
        }
        for (; n < values.Length; n++)
            values[n] = NextGaussian();
    }

    /// <summary>0..count-1 in random order (Fisher and Yates).</summary>
    /// <param name="count">How many.</param>
    public int[] NextPermutation(int count)
    {
        var permutation = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = (int)NextBelow(i + 1);
            permutation[i] = permutation[j];
            permutation[j] = i;
        }
        return permutation;
    }

    /// <summary>Ten rounds of Philox4x32 on a counter of four words, in place.</summary>
    internal static void Philox(Span<uint> counter, uint key0, uint key1)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * counter[0];
            var product1 = (ulong)Multiplier1 * counter[2];
            (counter[0], counter[1], counter[2], counter[3]) = (
                (uint)(product1 >> 32) ^ counter[1] ^ key0,
                (uint)product1,
                (uint)(product0 >> 32) ^ counter[3] ^ key1,
                (uint)product0
            );
            key0 += Weyl0;
            key1 += Weyl1;
        }
    }

    private static double ToDouble(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double First, double Second) Gaussians(double radiusDraw, double angleDraw)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - radiusDraw));
        var (sin, cos) = Math.SinCos(2 * Math.PI * angleDraw);
        return (radius * cos, radius * sin);
    }

    /// <summary>The next blocks, a lane of 64 bits each: its lower half is a word of the counter, the upper one anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PhiloxBlocks(Span<ulong> firstHalves, Span<ulong> secondHalves)
    {
        var (c0, c1) = (Vector256.Create((ulong)_block, _block + 1, _block + 2, _block + 3), Vector256.Create((ulong)_stream));
        var (c2, c3) = (Vector256.Create((ulong)(uint)_index), Vector256.Create(_index >> 32));
        var multiplier0 = Vector256.Create((ulong)Multiplier0).AsUInt32();
        var multiplier1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        var (key0, key1) = ((uint)_seed, (uint)(_seed >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = Avx2.Multiply(c0.AsUInt32(), multiplier0);
            var product1 = Avx2.Multiply(c2.AsUInt32(), multiplier1);
            (c0, c1) = ((product1 >>> 32) ^ c1 ^ Vector256.Create((ulong)key0), product1);
            (c2, c3) = ((product0 >>> 32) ^ c3 ^ Vector256.Create((ulong)key1), product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        var word = Vector256.Create((ulong)uint.MaxValue);
        ((c0 & word) | (c1 << 32)).CopyTo(firstHalves);
        ((c2 & word) | (c3 << 32)).CopyTo(secondHalves);
    }
}
