using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace GlifMl.Datasets;

/// <summary>
/// Writes the shards of a split, as many at once as there are cores, each filling the next batch while the last one is compressed. The
/// files depend on the source and the plan alone: not on the number of cores, nor on which process makes which shard and when.
/// </summary>
public static class DatasetGenerator
{
    /// <summary>
    /// Makes the shards that are missing. Valid ones are kept; a corrupt or foreign one is named, and nothing is overwritten. When all
    /// shards are there, <c>manifest.json</c> is written.
    /// </summary>
    /// <param name="source">Makes the traces; called by several threads at once.</param>
    /// <param name="plan">Where and how.</param>
    /// <param name="selection">The shards this process makes. Default: all.</param>
    /// <param name="progress">Told after each row group and each finished shard, from several threads but one at a time.</param>
    /// <param name="cancellationToken">Stops within a row group; finished shards stay, unfinished ones are removed.</param>
    /// <returns>What was made and kept.</returns>
    /// <exception cref="ArgumentException">The source has no traces, or the plan cannot be carried out.</exception>
    /// <exception cref="InvalidDataException">The folder holds a corrupt or foreign file.</exception>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static GenerationResult Generate(
        ITraceSource source,
        DatasetPlan plan,
        ShardSelection? selection = null,
        IProgress<GenerationProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Generate(source, plan, selection ?? ShardSelection.All, progress, Environment.ProcessorCount, cancellationToken);

    internal static GenerationResult Generate(
        ITraceSource source,
        DatasetPlan plan,
        ShardSelection selection,
        IProgress<GenerationProgress>? progress,
        int workers,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(plan);
        SplitFolder folder = new(plan, source.Schema, source.Count);
        var shards = plan.ShardCount(source.Count);
        int[] mine = [.. selection.Of(shards)];
        folder.RefuseForeignFiles();
        AtomicFile.RemoveLeftovers(plan.SplitDirectory);

        GenerationTally tally = new(mine.Sum(shard => plan.RowsOf(shard, source.Count)), mine.Length, progress);
        RunWorkers(Math.Min(workers, mine.Length), new ConcurrentQueue<int>(mine), MakeShard, cancellationToken);
        var manifest = folder.Assemble();
        manifest?.Save(plan.SplitDirectory);
        return new GenerationResult(tally.ShardsMade, tally.ShardsKept, manifest);

        void MakeShard(int shard, CancellationToken stop)
        {
            if (folder.FindValid(shard, stop) is { } valid)
            {
                tally.Kept(valid.Rows);
                return;
            }
            WriteShard(source, plan, shard, shards, tally, stop);
            tally.Made();
        }
    }

    private static void WriteShard(
        ITraceSource source,
        DatasetPlan plan,
        int shard,
        int shards,
        GenerationTally tally,
        CancellationToken stop
    )
    {
        var metadata = plan.Metadata(shard, shards);
        var end = metadata.FirstTrace + plan.RowsOf(shard, source.Count);
        var capacity = (int)Math.Min(plan.Shards.RowsFor(source.Schema), end - metadata.FirstTrace);
        TraceBatch filling = new(source.Schema, capacity);
        TraceBatch filled = new(source.Schema, capacity);
        using ShardWriter writer = new(plan.ShardPath(shard, shards), source.Schema, metadata);

        var next = metadata.FirstTrace;
        var fill = FillNext();
        try
        {
            while (true)
            {
                fill.GetAwaiter().GetResult();
                stop.ThrowIfCancellationRequested();
                (filled, filling) = (filling, filled);
                var last = next == end;
                if (!last)
                    fill = FillNext();
                writer.Write(filled);
                tally.Wrote(filled.Rows);
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
            var batch = filling;
            batch.Rows = (int)Math.Min(capacity, end - first);
            next += batch.Rows;
            for (var row = 0; row < batch.Rows; row++)
                batch.TraceIds[row] = first + row;
            return Task.Run(() => source.Fill(first, batch), CancellationToken.None);
        }
    }

    /// <summary>Runs the queue on some threads. The first failure stops the others and is thrown as it was.</summary>
    private static void RunWorkers(
        int workers,
        ConcurrentQueue<int> queue,
        Action<int, CancellationToken> work,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ExceptionDispatchInfo? failure = null;
        var running = new Task[workers];
        for (var worker = 0; worker < workers; worker++)
            running[worker] = Task.Factory.StartNew(Worker, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task.WaitAll(running, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        failure?.Throw();

        void Worker()
        {
            try
            {
                while (!stop.IsCancellationRequested && queue.TryDequeue(out var item))
                    work(item, stop.Token);
            }
            catch (Exception e)
            {
                // Whoever fails first cancels the rest, whose own cancellations then come too late to be kept.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
                stop.Cancel();
            }
        }
    }
}

/// <summary>How far a generation is. Only this process's part is counted.</summary>
/// <param name="TracesDone">Traces written or found valid.</param>
/// <param name="Traces">Traces to do.</param>
/// <param name="ShardsDone">Shards finished or found valid.</param>
/// <param name="Shards">Shards to do.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GenerationProgress(long TracesDone, long Traces, int ShardsDone, int Shards);

/// <summary>What a generation did.</summary>
/// <param name="Made">Shards written.</param>
/// <param name="Kept">Shards that were there and valid.</param>
/// <param name="Manifest">The split's manifest; null while other processes still have shards to make.</param>
public sealed record GenerationResult(int Made, int Kept, Manifest? Manifest);

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
