namespace GlifMl.Datasets;

/// <summary>Counts what the workers have done and tells the listener, one report at a time.</summary>
internal sealed class GenerationTally(long traces, int shards, IProgress<GenerationProgress>? progress)
{
    private readonly Lock _lock = new();
    private long _tracesDone;

    public int ShardsMade { get; private set; }

    public int ShardsKept { get; private set; }

    public void Wrote(int rows)
    {
        lock (_lock)
        {
            _tracesDone += rows;
            Report();
        }
    }

    public void Made()
    {
        lock (_lock)
        {
            ShardsMade++;
            Report();
        }
    }

    public void Kept(long rows)
    {
        lock (_lock)
        {
            ShardsKept++;
            _tracesDone += rows;
            Report();
        }
    }

    private void Report() => progress?.Report(new GenerationProgress(_tracesDone, traces, ShardsMade + ShardsKept, shards));
}
