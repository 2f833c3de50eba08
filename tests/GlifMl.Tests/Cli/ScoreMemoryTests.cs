using GlifMl.Datasets;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Onnx;

namespace GlifMl.Tests.Cli;

/// <summary>Scores take no more memory for more traces. Alone: the heap is everybody's.</summary>
[Collection(AloneTests.Name)]
public sealed class ScoreMemoryTests : IDisposable
{
    // Of a heap that is not growing: what is being decoded, and what the collector has not looked at yet. The rows would take 40 MB.
    private const long Slack = 12 << 20;
    private const int Traces = 10_000;
    private const int Times = 10;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".csv")]
    [InlineData(".json")]
    [InlineData(".parquet")]
    public void Score_ManyTimesTheTraces_TakesNoMoreMemory(string ending)
    {
        var shards = ScoredShards.Generate(_folder["data"], Traces);
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        var heap = new List<long>();
        IEnumerable<ScoredTrace> Weighed()
        {
            foreach (var (n, row) in TraceScorer.Score(model, [.. Enumerable.Repeat(shards, Times)]).Index())
            {
                // Writers have their buffers by then.
                if (n is Traces or (Traces * Times) - 1)
                    heap.Add(GC.GetTotalMemory(forceFullCollection: true));
                yield return row;
            }
        }

        ScoreFile.Write(_folder["scores" + ending], new(["C", "El"], []), Weighed());

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
