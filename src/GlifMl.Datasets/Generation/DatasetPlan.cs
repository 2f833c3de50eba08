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

    /// <summary>Shards needed for <paramref name="traces"/>.</summary>
    /// <param name="traces">Traces of the split, at least 1.</param>
    /// <returns>At least 1.</returns>
    /// <exception cref="ArgumentException">No traces, or fewer than one a shard.</exception>
    public int ShardCount(long traces)
    {
        if (traces < 1)
            throw new ArgumentOutOfRangeException(nameof(traces), $"Split {Split} has {traces} traces: expected at least 1.");
        if (TracesPerShard < 1)
            throw new ArgumentException($"Split {Split} has {TracesPerShard} traces a shard: expected at least 1.");
        return checked((int)((traces + TracesPerShard - 1) / TracesPerShard));
    }

    internal string ShardPath(int shard, int shards) => Path.Combine(SplitDirectory, ShardName.Of(shard, shards));

    internal ShardMetadata Metadata(int shard, int shards) =>
        new(DefinitionHash, Split, shard, shards, (long)shard * TracesPerShard, SamplingRate);

    internal long RowsOf(int shard, long traces) => Math.Min(TracesPerShard, traces - (long)shard * TracesPerShard);
}
