using System.Globalization;

namespace GlifMl.Datasets;

/// <summary>File names of shards: <c>shard-00000-of-00010.parquet</c>, so that names sort in row order and say what is missing.</summary>
internal static class ShardName
{
    public static string Of(int shard, int count) => string.Create(CultureInfo.InvariantCulture, $"shard-{shard:D5}-of-{count:D5}.parquet");
}
