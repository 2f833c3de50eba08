using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

/// <summary>Shards that older versions wrote are read, and hold to the bit what their definition gives today.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData(
        "quickstart",
        "dataset.trace={samples: 400, simulate: 500, dt: live, spike_cut: time, spike_cuts: keep, stimulus: true}",
        "dataset.splits.validation.traces=1",
        "dataset.splits.test.traces=1"
    )]
    [InlineData(
        "case-study",
        "dataset.trace.samples=3000",
        "dataset.trace.simulate=3120",
        "dataset.splits.validation.traces=1",
        "dataset.splits.test.traces=1"
    )]
    public void Read_ShardOfFormat2_HoldsWhatIsSimulatedToday(string name, params string[] set)
    {
        var definition = Pipeline.Load(Glifml.Path($"pipelines/{name}.yaml"), [.. set, "dataset.splits.train.traces=8"]);
        SimulatedTraceSource source = new(definition, "train");
        TraceBatch expected = new(source.Schema, 8);
        for (var row = 0; row < expected.Rows; row++)
            expected.TraceIds[row] = row;
        source.Fill(0, expected);

        var view = ShardDataView.Open(Path.Combine(AppContext.BaseDirectory, "Fixtures", "shards", $"{name}-format-2.parquet"));
        using var reader = view.OpenReader();
        TraceBatch read = new(view.ShardSchema, 8);
        reader.Read(Assert.Single(view.RowGroups), read);

        ShardRoundTripTests.AssertSameBits(expected, read);
        Assert.Contains("no SHA-256", Assert.Single(view.Notes), StringComparison.Ordinal);
    }
}
