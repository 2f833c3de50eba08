using System.Globalization;

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
        return Read(path, stream);
    }

    /// <summary>The same of a shard that is open, wherever it is.</summary>
    public static ShardFile Read(string path, Stream stream)
    {
        try
        {
            var parquet = ParquetFile.Open(stream, out _);
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

    /// <summary>Checks the pages of a shard whose bytes nobody vouches for.</summary>
    /// <exception cref="InvalidDataException">A page is damaged.</exception>
    public static void CheckPages(string path, Func<string, Stream> open)
    {
        using var stream = open(path);
        try
        {
            var parquet = ParquetFile.Open(stream, out var end);
            ParquetPages.Check(stream, parquet, end);
        }
        catch (Exception e) when (!DatasetErrors.IsWorded(e, path))
        {
            throw DatasetErrors.NotParquet(path, e);
        }
    }

    /// <summary>A small buffer: labels are a few hundred bytes each between megabytes of trace.</summary>
    public static Stream OpenRead(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 12);
}

/// <summary>File names of shards: <c>shard-00000-of-00010.parquet</c>, so that names sort in row order and say what is missing.</summary>
internal static class ShardName
{
    private const string Start = "shard-";

    public static string Of(int shard, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{Start}{shard:D5}-of-{count:D5}.parquet");

    /// <summary>The shard that has a name among so many; null where none has.</summary>
    public static int? IndexOf(string name, int count)
    {
        var digits = name.AsSpan().StartsWith(Start, StringComparison.Ordinal) ? name.AsSpan(Start.Length) : default;
        var length = digits.IndexOf('-');
        return
            length > 0
            && int.TryParse(digits[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var shard)
            && shard < count
            && name == Of(shard, count)
            ? shard
            : null;
    }
}

/// <summary>What a shard says about itself in its footer, as Parquet key-value metadata with keys <c>glifml.*</c>.</summary>
/// <param name="DefinitionHash">Identifies the definition that the rows were made from.</param>
/// <param name="Split">Name of the split, such as <c>train</c>.</param>
/// <param name="ShardIndex">Number of this shard, from 0.</param>
/// <param name="ShardCount">Shards of the split.</param>
/// <param name="FirstTrace">Number of the first row's trace in the split.</param>
/// <param name="SamplingRate">The sampling rate as the definition words it, such as <c>200000 Hz</c> or <c>1/dt</c>.</param>
public sealed record ShardMetadata(
    string DefinitionHash,
    string Split,
    int ShardIndex,
    int ShardCount,
    long FirstTrace,
    string SamplingRate
)
{
    /// <summary>Version of the column layout. Files of another version are refused.</summary>
    public const int SchemaVersion = 1;

    private const string VersionKey = "glifml.schema_version";
    private const string HashKey = "glifml.definition_hash";
    private const string SplitKey = "glifml.split";
    private const string IndexKey = "glifml.shard_index";
    private const string CountKey = "glifml.shard_count";
    private const string FirstTraceKey = "glifml.first_trace";
    private const string RateKey = "glifml.sampling_rate";

    internal Dictionary<string, string> ToFooter() =>
        new(StringComparer.Ordinal)
        {
            [VersionKey] = Text(SchemaVersion),
            [HashKey] = DefinitionHash,
            [SplitKey] = Split,
            [IndexKey] = Text(ShardIndex),
            [CountKey] = Text(ShardCount),
            [FirstTraceKey] = Text(FirstTrace),
            [RateKey] = SamplingRate,
        };

    internal static ShardMetadata FromFooter(string path, IReadOnlyDictionary<string, string> footer)
    {
        if (!footer.TryGetValue(VersionKey, out var version))
            throw DatasetErrors.NotAShard(path);
        if (version != Text(SchemaVersion))
            throw DatasetErrors.SchemaVersion(path, version, SchemaVersion);
        return new ShardMetadata(
            Value(HashKey),
            Value(SplitKey),
            (int)Number(IndexKey, int.MaxValue),
            (int)Number(CountKey, int.MaxValue),
            Number(FirstTraceKey, long.MaxValue),
            Value(RateKey)
        );

        string Value(string key) =>
            footer.TryGetValue(key, out var value) && value is not null ? value : throw DatasetErrors.FooterValue(path, key, "nothing");
        long Number(string key, long most) =>
            long.TryParse(Value(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
                ? number
                : throw DatasetErrors.FooterValue(path, key, Quoted.Of(Value(key)));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
