using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Datasets;

/// <summary>ML.NET's own operators over shards.</summary>
public sealed class MlNetOperatorTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void CreateEnumerable_Rows_CarryAllTypes()
    {
        using TempFolder folder = new();
        Trace[] rows = [.. _ml.Data.CreateEnumerable<Trace>(HashedTraces.Generate(folder), reuseRowObject: false)];
        Assert.Equal(50, rows.Length);
        Assert.All(
            rows,
            row =>
                Assert.Equal(
                    (
                        HashedTraces.Label(row.TraceId, 0),
                        HashedTraces.Configuration(row.TraceId),
                        (int)(row.TraceId % 7),
                        HashedTraces.Voltage(row.TraceId, 5)
                    ),
                    (row.C, row.ConfigurationId, row.SpikeCount, row.VoltageMv[5])
                )
        );
    }

    [Fact]
    public void TakeAndSkipAndFilter_Rows_ReturnTheirPart()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        Assert.Equal([0L, 1, 2], Ids(_ml.Data.TakeRows(view, 3)));
        Assert.Equal([48L, 49], Ids(_ml.Data.SkipRows(view, 48)));
        Assert.Equal([10L, 11], Ids(_ml.Data.FilterRowsByColumn(view, "C", 100, 120)));
    }

    [Fact]
    public void ShuffleRows_WithSourceShuffling_KeepsEveryRow()
    {
        using TempFolder folder = new();
        var shuffled = _ml.Data.ShuffleRows(HashedTraces.Generate(folder), seed: 3, shufflePoolSize: 10, shuffleSource: true);
        var ids = Ids(shuffled);
        Assert.NotEqual(ids.Order(), ids);
        Assert.Equal(Enumerable.Range(0, 50).Select(id => (long)id), ids.Order());
    }

    [Fact]
    public void Cache_ReadTwice_GivesTheRows()
    {
        using TempFolder folder = new();
        var cached = _ml.Data.Cache(HashedTraces.Generate(folder), "TraceId", "VoltageMv");
        Assert.Equal(50, Ids(cached).Length);
        Assert.Equal(Ids(cached), Ids(cached));
    }

    [Fact]
    public void TrainTestSplit_ByConfiguration_HoldsWholeConfigurationsOut()
    {
        using TempFolder folder = new();
        var split = _ml.Data.TrainTestSplit(HashedTraces.Generate(folder), testFraction: 0.3, samplingKeyColumnName: "ConfigurationId");
        var train = Ids(split.TrainSet);
        var test = Ids(split.TestSet);
        Assert.Equal(50, train.Length + test.Length);
        Assert.NotEmpty(test);
        Assert.Empty(train.Select(HashedTraces.Configuration).Intersect(test.Select(HashedTraces.Configuration)));
    }

    [Fact]
    public void Fit_StockTrainerOverTraces_Learns()
    {
        using TempFolder folder = new();
        var view = HashedTraces.Generate(folder);
        var chain = _ml
            .Transforms.Conversion.ConvertType("Label", "C", DataKind.Single)
            .Append(_ml.Transforms.ReplaceMissingValues("Features", "VoltageMv"))
            .Append(_ml.Regression.Trainers.Sdca(maximumNumberOfIterations: 3));
        float[] scores = [.. chain.Fit(view).Transform(view).GetColumn<float>("Score")];
        Assert.Equal(50, scores.Length);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    private long[] Ids(IDataView view) => [.. view.GetColumn<long>("TraceId")];

    private sealed class Trace
    {
        [VectorType]
        public float[] VoltageMv { get; set; } = [];

        public double C { get; set; }

        public long TraceId { get; set; }

        public long ConfigurationId { get; set; }

        public int SpikeCount { get; set; }
    }
}
