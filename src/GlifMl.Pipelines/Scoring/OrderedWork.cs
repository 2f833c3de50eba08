using System.Runtime.ExceptionServices;

namespace GlifMl.Pipelines;

/// <summary>
/// Does independent items on several threads and hands their results out in the items' order, while later ones are worked on. Only a few
/// more are begun than have been taken, so that memory does not grow with their number.
/// </summary>
/// <typeparam name="TWorker">What a thread works with: buffers, open files.</typeparam>
/// <typeparam name="TResult">What becomes of an item.</typeparam>
internal sealed class OrderedWork<TWorker, TResult>
    where TWorker : IDisposable
{
    // One that is worked on and one that waits to be taken.
    private const int ItemsAThread = 2;

    private readonly object _gate = new();
    private readonly Func<TWorker> _createWorker;
    private readonly Func<TWorker, int, TResult> _work;
    private readonly CancellationToken _cancellation;
    private readonly int _items;
    private readonly Outcome?[] _outcomes;
    private int _begun;
    private int _taken;
    private bool _stopped;

    private OrderedWork(
        int items,
        int threads,
        Func<TWorker> createWorker,
        Func<TWorker, int, TResult> work,
        CancellationToken cancellation
    )
    {
        (_items, _createWorker, _work, _cancellation) = (items, createWorker, work, cancellation);
        _outcomes = new Outcome?[threads * ItemsAThread];
    }

    /// <summary>Works.</summary>
    /// <param name="items">How many items there are.</param>
    /// <param name="threads">Threads that work on them, beside the caller's, which takes the results.</param>
    /// <param name="createWorker">Makes what one thread works with.</param>
    /// <param name="work">Works on the item of that number, from 0. What it throws is thrown when its turn has come.</param>
    /// <param name="cancellation">Stops before the next item.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<TResult> Run(
        int items,
        int threads,
        Func<TWorker> createWorker,
        Func<TWorker, int, TResult> work,
        CancellationToken cancellation
    )
    {
        var all = new OrderedWork<TWorker, TResult>(items, threads, createWorker, work, cancellation);
        var running = Enumerable
            .Range(0, Math.Min(threads, items))
            .Select(n => new Thread(all.Serve) { IsBackground = true, Name = $"scoring {n + 1}" })
            .ToArray();
        Array.ForEach(running, thread => thread.Start());
        try
        {
            for (var item = 0; item < items; item++)
                yield return all.Take(item);
        }
        finally
        {
            all.Stop();
            Array.ForEach(running, thread => thread.Join());
        }
    }

    private TResult Take(int item)
    {
        Outcome outcome;
        lock (_gate)
        {
            while (_outcomes[item % _outcomes.Length] is null)
                Monitor.Wait(_gate);
            outcome = _outcomes[item % _outcomes.Length]!;
            _outcomes[item % _outcomes.Length] = null;
            _taken = item + 1;
            Monitor.PulseAll(_gate);
        }

        if (outcome.Failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        return outcome.Result!;
    }

    private void Serve()
    {
        TWorker? worker = default;
        try
        {
            while (Begin() is { } item)
            {
                Outcome outcome;
                try
                {
                    _cancellation.ThrowIfCancellationRequested();
                    worker ??= _createWorker();
                    outcome = new(_work(worker, item), null);
                }
                catch (Exception e)
                {
                    outcome = new(default, e);
                }

                lock (_gate)
                {
                    _outcomes[item % _outcomes.Length] = outcome;
                    Monitor.PulseAll(_gate);
                }
            }
        }
        finally
        {
            worker?.Dispose();
        }
    }

    private int? Begin()
    {
        lock (_gate)
        {
            while (!_stopped && _begun < _items && _begun - _taken >= _outcomes.Length)
                Monitor.Wait(_gate);
            return _stopped || _begun == _items ? null : _begun++;
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed record Outcome(TResult? Result, Exception? Failure);
}
