using Parquet;

namespace GlifMl.Datasets;

/// <summary>What the footer of one shard says; no column is read.</summary>
internal sealed record ShardFile(string Path, ShardSchema Schema, ShardMetadata Metadata, IReadOnlyList<int> GroupRows)
{
    public long Rows => GroupRows.Sum(rows => (long)rows);

    public static ShardFile Open(string path, Func<string, Stream> open)
    {
        if (!File.Exists(path))
            throw DatasetErrors.NoFile(path, "a shard");
        using var stream = open(path);
        try
        {
            var parquet = ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult();
            var metadata = ShardMetadata.FromFooter(path, parquet.CustomMetadata);
            if (parquet.RowGroupCount == 0)
                throw DatasetErrors.NoRows(path);
            var schema = ShardColumns.FromParquet(path, parquet);
            return new ShardFile(path, schema, metadata, ShardColumns.GroupRows(path, parquet, schema));
        }
        catch (Exception e) when (!DatasetErrors.IsWorded(e, path))
        {
            // Parquet.Net answers damaged footers with whatever its parser runs into.
            throw DatasetErrors.NotParquet(path, e);
        }
    }

    /// <summary>A small buffer: labels are a few hundred bytes each between megabytes of trace.</summary>
    public static Stream OpenRead(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 12);
}
