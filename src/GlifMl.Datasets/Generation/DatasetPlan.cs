using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>How one split is cut into shards, and what its files say of it.</summary>
public sealed record DatasetPlan
{
    /// <summary>The dataset's folder; the split gets a folder of its own inside.</summary>
    public required string Directory { get; init; }

    /// <summary>Name of the split, such as <c>train</c>: a folder name.</summary>
    public required string Split { get; init; }

    /// <summary>Identifies the definition. Shards of another hash are refused, never overwritten.</summary>
    public required string DefinitionHash { get; init; }

    /// <summary>Traces a shard; the last may have fewer. Default: 500 (100 MB of 50,000-sample traces before compression).</summary>
    public int TracesPerShard { get; init; } = 500;

    /// <summary>The sampling rate as the definition words it, such as <c>200000 Hz</c> or <c>1/dt</c>. Default: <c>unknown</c>.</summary>
    public string SamplingRate { get; init; } = "unknown";

    /// <summary>Seeds the traces were drawn with, by purpose, for the manifest. Default: none.</summary>
    public IReadOnlyDictionary<string, long> Seeds { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Layout of the shards.</summary>
    public ShardOptions Shards { get; init; } = new();

    /// <summary>The split's folder.</summary>
    public string SplitDirectory => Path.Combine(Directory, Split);

    /// <summary>Makes what keeps the files of a folder that is none of this machine's. Default null: it is one.</summary>
    internal Func<string, IFileStore>? Place { get; init; }

    /// <summary>The split's files.</summary>
    internal IFileStore Files => Place?.Invoke(SplitDirectory) ?? new LocalFiles(SplitDirectory);

    /// <summary>Shards needed for <paramref name="traces"/>.</summary>
    /// <param name="traces">Traces of the split, at least 1.</param>
    /// <returns>At least 1.</returns>
    /// <exception cref="ArgumentException">No traces, or fewer than one a shard.</exception>
    public int ShardCount(long traces)
    {
        if (traces < 1)
            throw new ArgumentOutOfRangeException(nameof(traces), $"split {Split}: found {traces} traces; expected at least 1");
        if (TracesPerShard < 1)
            throw new ArgumentException($"split {Split}: found {TracesPerShard} traces a shard; expected at least 1");
        var shards = ((traces - 1) / TracesPerShard) + 1;
        return shards <= int.MaxValue
            ? (int)shards
            : throw new ArgumentException(
                $"split {Split}: found {traces} traces, {TracesPerShard} a shard; expected at most {int.MaxValue} shards"
            );
    }

    /// <summary>The files of all shards, in order, whether they are there or not.</summary>
    internal IEnumerable<string> ShardPaths(long traces)
    {
        var shards = ShardCount(traces);
        return Enumerable.Range(0, shards).Select(shard => ShardPath(shard, shards));
    }

    internal string ShardPath(int shard, int shards) => Path.Combine(SplitDirectory, ShardName.Of(shard, shards));

    internal ShardMetadata Metadata(int shard, int shards) =>
        new(DefinitionHash, Split, shard, shards, (long)shard * TracesPerShard, SamplingRate);

    internal long RowsOf(int shard, long traces) => Math.Min(TracesPerShard, traces - (long)shard * TracesPerShard);
}

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
            throw new ArgumentOutOfRangeException(nameof(index), $"found part {index} of {count}; expected 0 to one less than the parts");
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
            : throw new FormatException($"found shard '{text}'; expected I/N with I from 0 to N - 1, such as 3/10");
    }

    internal IEnumerable<int> Of(int shards)
    {
        for (var shard = Index; shard < shards; shard += Count)
            yield return shard;
    }
}
