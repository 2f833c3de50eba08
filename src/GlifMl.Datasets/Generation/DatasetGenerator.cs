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
        plan.Files.RemoveLeftovers();

        GenerationTally tally = new(mine.Sum(shard => plan.RowsOf(shard, source.Count)), mine.Length, progress);
        RunWorkers(Math.Min(workers, mine.Length), new ConcurrentQueue<int>(mine), Worker, cancellationToken);
        // Of a part it is only the last one that finds all shards there.
        var manifest = Missing(plan, source.Count).Count == 0 ? folder.Assemble() : null;
        return new GenerationResult(tally.ShardsMade, tally.ShardsKept, manifest);

        Action<int, CancellationToken> Worker()
        {
            ShardMaker? maker = null;
            return (shard, stop) =>
            {
                if (folder.FindValid(shard, stop) is { } valid)
                {
                    tally.Kept(valid.Rows);
                    return;
                }
                maker ??= new ShardMaker(source, plan, tally);
                maker.Make(shard, stop);
                tally.Made();
            };
        }
    }

    /// <summary>Writes the manifest of a split whose shards are all there, whichever processes made them.</summary>
    /// <param name="source">Says what the shards hold; makes nothing.</param>
    /// <param name="plan">Where and how.</param>
    /// <returns>Shards of the split.</returns>
    /// <exception cref="InvalidDataException">A shard is missing; or it, or another file, is foreign.</exception>
    internal static int Assemble(ITraceSource source, DatasetPlan plan)
    {
        SplitFolder folder = new(plan, source.Schema, source.Count);
        folder.RefuseForeignFiles();
        var (missing, shards) = (Missing(plan, source.Count), plan.ShardCount(source.Count));
        if (missing.Count > 0)
            throw DatasetErrors.MissingShards(plan.SplitDirectory, shards - missing.Count, shards, ShardName.Of(missing[0], shards));
        return folder.Assemble().Shards.Count;
    }

    /// <summary>The shards of a split that are not there, ascending, by their files' names: none is opened.</summary>
    internal static IReadOnlyList<int> Missing(DatasetPlan plan, long traces)
    {
        var there = new bool[plan.ShardCount(traces)];
        foreach (var name in plan.Files.Names())
        {
            if (ShardName.IndexOf(name, there.Length) is { } shard)
                there[shard] = true;
        }

        return [.. Enumerable.Range(0, there.Length).Where(shard => !there[shard])];
    }

    /// <summary>Runs the queue on some threads. The first failure stops the others and is thrown as it was.</summary>
    private static void RunWorkers(
        int workers,
        ConcurrentQueue<int> queue,
        Func<Action<int, CancellationToken>> worker,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ExceptionDispatchInfo? failure = null;
        var running = new Task[workers];
        for (var n = 0; n < workers; n++)
            running[n] = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task.WaitAll(running, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        failure?.Throw();

        void Work()
        {
            try
            {
                var work = worker();
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
