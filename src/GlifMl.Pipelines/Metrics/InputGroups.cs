using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GlifMl.Pipelines;

/// <summary>
/// Which traces of a split share their input. While it is found out 20 bytes a trace are kept, its key and its number; then nothing where
/// no two are equal, and 4 bytes a trace where some are.
/// </summary>
internal sealed class InputGroups
{
    private const int Alone = -1;

    private readonly int[]? _groups;
    private readonly int[] _sizes;

    private InputGroups(int rows, long distinct, int[]? groups, int[] sizes) =>
        (Rows, Distinct, _groups, _sizes) = (rows, distinct, groups, sizes);

    /// <summary>Traces.</summary>
    public int Rows { get; }

    /// <summary>Different inputs among them.</summary>
    public long Distinct { get; }

    /// <summary>Whether no two inputs are equal.</summary>
    public bool AreAllDistinct => Distinct == Rows;

    /// <summary>Groups the traces of a split.</summary>
    /// <param name="inputs">Their inputs, in their order.</param>
    /// <param name="rows">How many there are.</param>
    public static InputGroups Of(IEnumerable<InputKey> inputs, long rows)
    {
        var keys = new UInt128[rows];
        var next = 0;
        foreach (var input in inputs)
            keys[next++] = input.Value;
        var order = new int[next];
        for (var row = 0; row < next; row++)
            order[row] = row;
        Array.Sort(keys, order, 0, next);
        long distinct = 0;
        var shared = new List<(int Start, int Length, int First)>();
        for (var (start, end) = (0, 0); start < next; start = end, distinct++)
        {
            while (end < next && keys[end] == keys[start])
                end++;
            if (end - start > 1)
                shared.Add((start, end - start, order.AsSpan(start, end - start).ToArray().Min()));
        }

        if (shared.Count == 0)
            return new(next, distinct, null, []);
        // Numbered as they are met.
        shared.Sort((a, b) => a.First.CompareTo(b.First));
        var groups = new int[next];
        Array.Fill(groups, Alone);
        foreach (var (group, (start, length, _)) in shared.Index())
        {
            foreach (var row in order.AsSpan(start, length))
                groups[row] = group;
        }

        return new(next, distinct, groups, [.. shared.Select(run => run.Length)]);
    }

    /// <summary>The group of a trace, numbered from 0 in the order of their first traces; null where no other has its input.</summary>
    public int? Of(int row) => _groups is null || _groups[row] == Alone ? null : _groups[row];

    /// <summary>How many traces share an input.</summary>
    public int SizeOf(int group) => _sizes[group];

    /// <summary>The first trace of each input, ascending.</summary>
    public IEnumerable<int> Firsts()
    {
        var met = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (Of(row) is { } group)
            {
                if (group < met)
                    continue;
                // They are numbered as they are met.
                met++;
            }

            yield return row;
        }
    }
}

/// <summary>
/// Tells model inputs apart: two traces have one key if, and but for a collision of SHA-256's first 128
/// bits only if, they are equal to the bit.
/// </summary>
/// <param name="Value">The first 128 bits of the SHA-256 over all channels.</param>
internal readonly record struct InputKey(UInt128 Value)
{
    /// <summary>The key of an input.</summary>
    /// <param name="channels">Its channels, one after the other.</param>
    public static InputKey Of(params ReadOnlySpan<ReadOnlyMemory<float>> channels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var channel in channels)
            hash.AppendData(MemoryMarshal.AsBytes(channel.Span));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new InputKey(MemoryMarshal.Read<UInt128>(digest));
    }
}
