using DuckDB.NET.Data;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>Another Parquet reader finds in a shard what was written into it.</summary>
public sealed class DuckDbTests
{
    [Fact]
    public void ReadParquet_OfShards_FindsEveryValue()
    {
        using TempFolder folder = new();
        HashedTraces source = new(new ShardSchema(30, hasStimulus: true), 50);
        var plan = HashedTraces.Plan(folder.Path);
        DatasetGenerator.Generate(source, plan);

        using DuckDBConnection database = new("DataSource=:memory:");
        database.Open();
        using var query = database.CreateCommand();
        query.CommandText =
            "select TraceId, VoltageMv, StimulusPa, C, ConfigurationId, SpikeCount "
            + $"from '{plan.SplitDirectory}/*.parquet' order by TraceId";
        using var rows = query.ExecuteReader();
        for (var trace = 0; trace < 50; trace++)
        {
            Assert.True(rows.Read());
            Assert.Equal(trace, rows.GetInt64(0));
            Assert.Equal(Enumerable.Range(0, 30).Select(n => HashedTraces.Voltage(trace, n)), rows.GetFieldValue<List<float>>(1));
            Assert.Equal(Enumerable.Range(0, 30).Select(n => -HashedTraces.Voltage(trace, n)), rows.GetFieldValue<List<float>>(2));
            Assert.Equal(HashedTraces.Label(trace, 0), rows.GetDouble(3));
            Assert.Equal(HashedTraces.Configuration(trace), rows.GetInt64(4));
            Assert.Equal(trace % 7, rows.GetInt32(5));
        }
        Assert.False(rows.Read());
    }
}
