using GlifMl.Pipelines;
using GlifMl.Tests.Pipelines.Generation;

namespace GlifMl.Tests.Pipelines.Inspection;

public sealed class ChainInspectionTests : IDisposable
{
    private const string Chain = """
        - scale-targets: {C: log, El: standardise}
          - channels: {columns: [voltage, stimulus]}
          - block-reduce: {size: 20, change: true, cut_fraction: true}
          - bilstm: {hidden: 4, epochs: 3, cache_mebibytes: 1}
        """;

    private readonly GridFolder _folder = new();

    [Fact]
    public void Of_Chain_GivesTheColumnsAfterEachStep()
    {
        var steps = ChainInspection.Of(Load(Chain, "{samples: 100, stimulus: true}"), EstimatorCatalog.Default).Steps;
        Assert.Equal(["data", "scale-targets", "channels", "block-reduce", "bilstm"], steps.Select(step => step.Step));
        Assert.Equal("Single[100]", $"{steps[0].Columns["VoltageMv"]}");
        Assert.Equal(
            ["Label Single[5]", "Channels Single[100, 2]", "Blocks Single[5, 5]", "Score Single[5]"],
            steps.Skip(1).Select(step => step.Columns.First()).Select(column => $"{column.Key} {column.Value}")
        );
    }

    [Fact]
    public void Of_Chain_CountsTracesBytesAndProducts()
    {
        var cost = ChainInspection.Of(Load(Chain, "{samples: 100, simulate: 120, stimulus: true}"), EstimatorCatalog.Default).Cost;
        Assert.Equal([("train", 50), ("validation", 20), ("test", 48)], cost.Traces.Select(t => (t.Key, t.Value)));
        Assert.Equal(118 * ((2 * 100 * 4) + (5 * 8)), cost.ShardBytes);
        Assert.Equal(118 * 120, cost.SimulationSteps);
        // 5 samples x 2 directions x 4 gates x 4 units x (5 channels + 4 states) x 2, three times over, 50 traces, 3 epochs.
        Assert.Equal(3.0 * 5 * 2 * 4 * 4 * 9 * 2 * 50 * 3, cost.TrainingFlop);
        Assert.Equal(70 * 25 * 4, cost.TraceMemoryBytes);
    }

    [Fact]
    public void Of_Memory_StaysWithinTheTrainersLimit() =>
        Assert.Equal(
            1 << 20,
            ChainInspection
                .Of(Load("- bilstm: {hidden: 1, cache_mebibytes: 1}", "{samples: 20000, simulate: 20000}"), EstimatorCatalog.Default)
                .Cost.TraceMemoryBytes
        );

    [Fact]
    public void Of_StepThatCannotBeFitted_SaysWhyAndStops()
    {
        var inspection = ChainInspection.Of(Load("- block-reduce: {size: 200}\n  - bilstm", "{samples: 100}"), EstimatorCatalog.Default);
        Assert.Equal(
            "cannot be fitted to 16 sampled traces: block-reduce: found traces of 100 samples; expected at least one block of 200",
            inspection.Steps[^1].Note
        );
        Assert.Null(inspection.Cost.TrainingFlop);
    }

    public void Dispose() => _folder.Dispose();

    private PipelineDefinition Load(string chain, string trace) =>
        _folder.Load(GridFolder.Yaml(trace: trace).Replace("- bilstm: {hidden: 2}", chain, StringComparison.Ordinal));
}
