using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>
/// Which shards one process makes: part <see cref="Index"/> of <see cref="Count"/>, that is every <see cref="Count"/>-th shard from
/// <see cref="Index"/>. With as many parts as shards a part is one shard; a part beyond the shards of a split has nothing to do there.
/// The files do not depend on how the work was parted.
/// </summary>
public sealed record ShardSelection
{
    /// <summary>Part <paramref name="index"/> of <paramref name="count"/>.</summary>
    /// <param name="index">Number of the part, 0 to <paramref name="count"/> - 1.</param>
    /// <param name="count">Parts, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public ShardSelection(int index, int count)
    {
        if (index < 0 || index >= count)
            throw new ArgumentOutOfRangeException(
                nameof(index),
                $"There is no part {index} of {count}: expected 0 to one less than the parts."
            );
        Index = index;
        Count = count;
    }

    /// <summary>Number of the part, from 0.</summary>
    public int Index { get; }

    /// <summary>Parts.</summary>
    public int Count { get; }

    /// <summary>All shards.</summary>
    public static ShardSelection All { get; } = new(0, 1);

    /// <summary>Whether the part is the whole.</summary>
    public bool IsAll => Count == 1;

    /// <summary>Reads <c>I/N</c>, with I from 0 to N - 1.</summary>
    /// <param name="text">Such as <c>3/10</c>.</param>
    /// <returns>The part.</returns>
    /// <exception cref="FormatException">Other text.</exception>
    public static ShardSelection Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        return
            parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index < count
            ? new ShardSelection(index, count)
            : throw new FormatException($"Found shard '{text}', expected I/N with I from 0 to N - 1, such as 3/10.");
    }

    internal IEnumerable<int> Of(int shards)
    {
        for (var shard = Index; shard < shards; shard += Count)
            yield return shard;
    }
}
