using GlifMl.Datasets;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Onnx;

namespace GlifMl.Tests.Cli;

/// <summary>Scores take no more memory for more traces. Alone: the heap is everybody's.</summary>
[Collection(AloneTests.Name)]
public sealed class ScoreMemoryTests : IDisposable
{
    // Of a heap that is not growing: what the collector has not looked at yet.
    private const long Slack = 4 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".csv")]
    [InlineData(".json")]
    [InlineData(".parquet")]
    public void Score_FourTimesTheTraces_TakesNoMoreMemory(string ending)
    {
        var shards = ScoredShards.Generate(_folder["data"], 20_000);
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        var heap = new List<long>();
        IEnumerable<ScoredTrace> Weighed()
        {
            foreach (var row in TraceScorer.Score(model, [shards]))
            {
                // Writers have then their buffers.
                if (row.Trace is 4_999 or 19_999)
                    heap.Add(GC.GetTotalMemory(forceFullCollection: true));
                yield return row;
            }
        }

        ScoreFile.Write(_folder["scores" + ending], ["C", "El"], Weighed());

        Assert.Equal(2, heap.Count);
        Assert.InRange(heap[1], 0, heap[0] + Slack);
    }
}

/// <summary>Tests beside which nothing runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "alone";
}

/// <summary>Shards for models of four samples.</summary>
internal static class ScoredShards
{
    public static string Generate(string folder, long count)
    {
        var plan = HashedTraces.Plan(folder, tracesPerShard: 2000);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(TestModels.Samples), count), plan);
        return plan.SplitDirectory;
    }
}
