namespace GlifMl.Datasets;

/// <summary>Makes shards, one after the other and in the same memory: the next batch is filled while the last one is written.</summary>
internal sealed class ShardMaker(ITraceSource source, DatasetPlan plan, GenerationTally tally)
{
    private readonly int _shards = plan.ShardCount(source.Count);
    private TraceBatch _filling = Batch(source, plan);
    private TraceBatch _filled = Batch(source, plan);

    /// <summary>Makes a shard that is not there.</summary>
    /// <param name="shard">Its number.</param>
    /// <param name="stop">Stops after the batch under way; nothing of the shard is left.</param>
    public void Make(int shard, CancellationToken stop) =>
        plan.Files.AddShard(ShardName.Of(shard, _shards), path => Make(shard, path, stop));

    private void Make(int shard, string path, CancellationToken stop)
    {
        var metadata = plan.Metadata(shard, _shards);
        var end = metadata.FirstTrace + plan.RowsOf(shard, source.Count);
        using ShardWriter writer = new(path, source.Schema, metadata, plan.Shards);

        var next = metadata.FirstTrace;
        var fill = FillNext();
        try
        {
            while (true)
            {
                fill.GetAwaiter().GetResult();
                stop.ThrowIfCancellationRequested();
                (_filled, _filling) = (_filling, _filled);
                var last = next == end;
                if (!last)
                    fill = FillNext();
                writer.Write(_filled);
                tally.Wrote(_filled.Rows);
                if (last)
                    break;
            }
        }
        finally
        {
            // A fill under way when writing fails must not outlive the shard, and its own failure must not hide the first.
            Task.WaitAny([fill], CancellationToken.None);
        }
        writer.Complete();

        Task FillNext()
        {
            var first = next;
            var batch = _filling;
            batch.Rows = (int)Math.Min(batch.Capacity, end - first);
            next += batch.Rows;
            for (var row = 0; row < batch.Rows; row++)
                batch.TraceIds[row] = first + row;
            return Task.Run(() => source.Fill(first, batch), CancellationToken.None);
        }
    }

    private static TraceBatch Batch(ITraceSource source, DatasetPlan plan) =>
        new(source.Schema, (int)Math.Min(plan.Shards.RowsFor(source.Schema), Math.Min(plan.TracesPerShard, source.Count)));
}
