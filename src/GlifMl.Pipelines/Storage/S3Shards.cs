using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>Brings the shards of a split onto this machine: training reads them again and again, and anywhere.</summary>
internal static class S3Shards
{
    // As many at once as hide a server's delay and leave it in peace.
    private const int AtOnce = 8;

    /// <summary>Fetches the shards that are not there, in S3 or as they are here.</summary>
    /// <param name="from">The split in S3.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="definitionHash">The definition that they must be of.</param>
    /// <param name="only">The names of those to fetch; null: all there are, and the manifest.</param>
    /// <param name="progress">Told how much is done, 0 to 1, and of what.</param>
    /// <param name="cancellation">Stops between shards.</param>
    /// <exception cref="InvalidDataException">There are none, they are of another definition, or were changed on the way.</exception>
    public static void Fetch(
        S3Folder from,
        string folder,
        string definitionHash,
        IReadOnlyList<string>? only,
        Action<double, string> progress,
        CancellationToken cancellation
    )
    {
        string[] all = [.. from.Names().Order(StringComparer.Ordinal)];
        string[] shards = [.. all.Where(name => name.EndsWith(".parquet", StringComparison.Ordinal))];
        if (shards.Length == 0)
            throw DatasetErrors.NoShards(from.PathOf("").TrimEnd('/'));
        RequireDefinition(from, shards[0], definitionHash);
        string[] wanted = [.. only is null ? shards : shards.Intersect(only)];
        var done = 0;
        Parallel.ForEach(
            wanted,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            shard =>
            {
                Fetch(from, shard, folder);
                var now = Interlocked.Increment(ref done);
                lock (wanted)
                    progress((double)now / wanted.Length, $"{now} of {wanted.Length} shards fetched");
            }
        );
        if (only is null && all.Contains(Manifest.FileName))
            from.Fetch(Manifest.FileName, Path.Combine(folder, Manifest.FileName));
    }

    private static void Fetch(S3Folder from, string shard, string folder)
    {
        var (path, sum) = (Path.Combine(folder, shard), ShardChecksum.PathOf(shard));
        var expected = ShardChecksum.Require(from, shard);
        if (File.Exists(path) && File.Exists(ShardChecksum.PathOf(path)) && ShardChecksum.Require(path) == expected)
            return;
        from.Fetch(sum, ShardChecksum.PathOf(path));
        // Whoever reads it looks whether it has that checksum.
        from.Fetch(shard, path);
    }

    private static void RequireDefinition(S3Folder from, string shard, string expected)
    {
        using var stream = from.OpenRead(shard);
        var found = ShardFile.Read(from.PathOf(shard), stream).Metadata.DefinitionHash;
        if (found != expected)
            throw new InvalidDataException(
                $"{from.PathOf(shard)}: found a shard of definition {ShortHash.Of(found)}; "
                    + $"expected {ShortHash.Of(expected)}: name another folder with --data"
            );
    }
}
