using System.Runtime.ExceptionServices;

namespace GlifMl.Datasets;

/// <summary>
/// What is already in a split's folder, judged against a plan: valid shards are kept, everything foreign is refused by name.
/// </summary>
internal sealed class SplitFolder(DatasetPlan plan, ShardSchema schema, long traces)
{
    private readonly int _shards = plan.ShardCount(traces);

    private readonly IFileStore _files = plan.Files;

    /// <summary>Refuses shards and manifests of other datasets before anything is written.</summary>
    public void RefuseForeignFiles()
    {
        // The first in order is named, and no list of all is made: there may be millions.
        var foreign = _files
            .Names()
            .Where(name => name.EndsWith(".parquet", StringComparison.Ordinal) && ShardName.IndexOf(name, _shards) is null)
            .Min(StringComparer.Ordinal);
        if (foreign is not null)
            throw DatasetErrors.ForeignFile(_files.PathOf(foreign), $"{ShardName.Of(0, _shards)} to {ShardName.Of(_shards - 1, _shards)}");
        if (_files.Exists(Manifest.FileName) && Manifest.DefinitionHashOf(_files) is var found && found != plan.DefinitionHash)
            throw DatasetErrors.ForeignManifest(_files.PathOf(Manifest.FileName), found, plan.DefinitionHash);
    }

    /// <summary>Checks a shard that is there, all its bytes included; null when it is not there.</summary>
    public ManifestShard? FindValid(int shard, CancellationToken cancellation)
    {
        var name = ShardName.Of(shard, _shards);
        if (!_files.Exists(name))
            return null;
        var expected = ShardChecksum.Require(_files, name);
        _files.Verify(name, cancellation);
        return Describe(shard, expected);
    }

    /// <summary>Writes the manifest, from checksum files and footers: all shards are there.</summary>
    public Manifest Assemble()
    {
        new Manifest(
            ShardMetadata.SchemaVersion,
            plan.Split,
            plan.DefinitionHash,
            new SortedDictionary<string, long>(plan.Seeds.ToDictionary(), StringComparer.Ordinal),
            plan.SamplingRate,
            traces,
            schema,
            new ManifestShards(_shards, DescribeAll)
        ).Save(_files);
        return Manifest.Load(_files);
    }

    /// <summary>All shards in order, some hundreds at once: what takes time is to open a file, and on some disks to wait for it.</summary>
    private IEnumerable<ManifestShard> DescribeAll()
    {
        const int block = 512;
        for (var first = 0; first < _shards; first += block)
        {
            var described = new ManifestShard[Math.Min(block, _shards - first)];
            var faults = new ExceptionDispatchInfo?[described.Length];
            Parallel.For(
                0,
                described.Length,
                n =>
                {
                    try
                    {
                        described[n] = Describe(first + n, ShardChecksum.Require(_files, ShardName.Of(first + n, _shards)));
                    }
                    catch (Exception e)
                    {
                        faults[n] = ExceptionDispatchInfo.Capture(e);
                    }
                }
            );
            Array.Find(faults, fault => fault is not null)?.Throw();
            foreach (var shard in described)
                yield return shard;
        }
    }

    private ManifestShard Describe(int shard, string sha256)
    {
        var name = ShardName.Of(shard, _shards);
        var path = _files.PathOf(name);
        using var stream = _files.OpenRead(name);
        var file = ShardFile.Read(path, stream);
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
        return new ManifestShard(name, file.Rows, stream.Length, sha256);
    }
}
