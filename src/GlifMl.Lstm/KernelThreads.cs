using System.Runtime.ExceptionServices;

namespace GlifMl.Lstm;

/// <summary>
/// Threads that share the items of a kernel call with the caller. They live as long as the process and allocate no managed memory once
/// started: TorchSharp may be inside a native call on the caller's thread, and a collection then could finalise what that call uses.
/// </summary>
internal static class KernelThreads
{
    // Some 20 us of polling: the next layer or the backward pass usually follows at once, and waking a sleeper costs more than that.
    private const int PollsBeforeSleep = 500;
    private static readonly Lock OneCallAtATime = new();
    private static readonly List<Helper> Helpers = [];
    private static KernelWork? _work;
    private static Exception? _failure;
    private static int _nextItem;
    private static int _running;

    /// <summary>The machine's cores.</summary>
    public static int Default => Environment.ProcessorCount;

    /// <summary>Runs every item of <paramref name="work"/> on the caller and at most <paramref name="threads"/> - 1 helpers.</summary>
    public static void Run(KernelWork work, int threads)
    {
        var helpers = Math.Min(threads, work.Items) - 1;
        if (helpers <= 0)
        {
            for (var item = 0; item < work.Items; item++)
                work.Execute(item);
            return;
        }

        lock (OneCallAtATime)
        {
            while (Helpers.Count < helpers)
                Helpers.Add(new Helper(Helpers.Count));
            _work = work;
            _failure = null;
            _nextItem = 0;
            _running = helpers;
            for (var helper = 0; helper < helpers; helper++)
                Helpers[helper].Start();

            TakeItems();
            var spinner = default(SpinWait);
            while (Volatile.Read(ref _running) > 0)
                spinner.SpinOnce(sleep1Threshold: -1);
            _work = null;
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private static void TakeItems()
    {
        try
        {
            for (var item = Next(); item < _work!.Items; item = Next())
                _work.Execute(item);
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    private static int Next() => Interlocked.Increment(ref _nextItem) - 1;

    private sealed class Helper
    {
        private readonly object _gate = new();
        private int _rounds;

        public Helper(int index) => new Thread(Serve) { IsBackground = true, Name = $"LSTM kernel {index + 1}" }.Start();

        public void Start()
        {
            lock (_gate)
            {
                _rounds++;
                Monitor.Pulse(_gate);
            }
        }

        private void Serve()
        {
            for (var served = 0; ; served++)
            {
                WaitUntilPast(served);
                TakeItems();
                Interlocked.Decrement(ref _running);
            }
        }

        private void WaitUntilPast(int served)
        {
            for (var poll = 0; poll < PollsBeforeSleep; poll++)
            {
                if (Volatile.Read(ref _rounds) != served)
                    return;
                Thread.SpinWait(1);
            }

            lock (_gate)
            {
                while (_rounds == served)
                    Monitor.Wait(_gate);
            }
        }
    }
}

/// <summary>
/// Independent items of one kernel call. <see cref="Execute"/> may run on any thread and must not allocate managed memory.
/// </summary>
internal abstract class KernelWork
{
    public abstract int Items { get; }

    public abstract void Execute(int item);
}
