namespace GlifMl.Datasets;

/// <summary>
/// What is already in a split's folder, judged against a plan: valid shards are kept, everything foreign is refused by name.
/// </summary>
internal sealed class SplitFolder(DatasetPlan plan, ShardSchema schema, long traces)
{
    private readonly int _shards = plan.ShardCount(traces);

    /// <summary>Refuses shards and manifests of other datasets before anything is written.</summary>
    public void RefuseForeignFiles()
    {
        if (!Directory.Exists(plan.SplitDirectory))
            return;
        // The first in order is named, and no list of all is made: there may be millions.
        var foreign = Directory
            .EnumerateFiles(plan.SplitDirectory, "*.parquet")
            .Where(file => ShardName.IndexOf(Path.GetFileName(file), _shards) is null)
            .Min(StringComparer.Ordinal);
        if (foreign is not null)
            throw DatasetErrors.ForeignFile(foreign, $"{ShardName.Of(0, _shards)} to {ShardName.Of(_shards - 1, _shards)}");
        var manifestPath = Path.Combine(plan.SplitDirectory, Manifest.FileName);
        if (
            File.Exists(manifestPath)
            && Manifest.Load(plan.SplitDirectory) is var manifest
            && manifest.DefinitionHash != plan.DefinitionHash
        )
            throw DatasetErrors.ForeignManifest(manifestPath, manifest.DefinitionHash, plan.DefinitionHash);
    }

    /// <summary>Checks a shard that is there, all its bytes included; null when it is not there.</summary>
    public ManifestShard? FindValid(int shard, CancellationToken cancellation)
    {
        var path = plan.ShardPath(shard, _shards);
        if (!File.Exists(path))
            return null;
        var expected = ShardChecksum.Require(path);
        ShardChecksum.Verify(path, cancellation);
        return Describe(shard, expected);
    }

    /// <summary>The manifest, from checksum files and footers; null while a shard is missing.</summary>
    public Manifest? Assemble()
    {
        var shards = new ManifestShard[_shards];
        for (var shard = 0; shard < _shards; shard++)
        {
            var path = plan.ShardPath(shard, _shards);
            if (!File.Exists(path))
                return null;
            shards[shard] = Describe(shard, ShardChecksum.Require(path));
        }
        return new Manifest(
            ShardMetadata.SchemaVersion,
            plan.Split,
            plan.DefinitionHash,
            new SortedDictionary<string, long>(plan.Seeds.ToDictionary(), StringComparer.Ordinal),
            plan.SamplingRate,
            traces,
            schema,
            shards
        );
    }

    private ManifestShard Describe(int shard, string sha256)
    {
        var path = plan.ShardPath(shard, _shards);
        var file = ShardFile.Open(path, ShardFile.OpenRead);
        var expected = plan.Metadata(shard, _shards);
        (var foundHash, var expectedHash) = (file.Metadata.DefinitionHash, expected.DefinitionHash);
        if (foundHash != expectedHash)
            throw DatasetErrors.ForeignShard(path, "definition", ShortHash.Of(foundHash), ShortHash.Of(expectedHash));
        if (file.Metadata != expected)
            throw DatasetErrors.ForeignFooter(path, file.Metadata, expected);
        if (!file.Schema.Equals(schema))
            throw DatasetErrors.ForeignShard(path, "schema", file.Schema.ToString(), schema.ToString());
        if (file.Rows != plan.RowsOf(shard, traces))
            throw DatasetErrors.ForeignShard(path, "rows", $"{file.Rows}", $"{plan.RowsOf(shard, traces)}");
        return new ManifestShard(Path.GetFileName(path), file.Rows, new FileInfo(path).Length, sha256);
    }
}
