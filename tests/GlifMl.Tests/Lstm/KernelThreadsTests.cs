using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class KernelThreadsTests
{
    [Fact]
    public void Run_ManyItems_EachOnceOnSeveralThreads()
    {
        var work = new CountingWork(1000);
        KernelThreads.Run(work, threads: 3);
        Assert.All(work.Counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Run_ItemFails_ThrowsItAndWorksAgain()
    {
        var thrown = Assert.Throws<NotSupportedException>(() => KernelThreads.Run(new FailingWork(), threads: 2));
        Assert.Equal("item 7", thrown.Message);
        var work = new CountingWork(20);
        KernelThreads.Run(work, threads: 2);
        Assert.All(work.Counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Run_Repeatedly_HelpersAllocateNothing()
    {
        var work = new AllocationWork(64);
        for (var round = 0; round < 50; round++)
        {
            // Long enough apart, now and then, for the helpers to fall asleep and be woken.
            if (round % 10 == 0)
                Thread.Sleep(5);
            KernelThreads.Run(work, threads: 3);
        }

        Assert.NotEmpty(work.FirstSeen);
        Assert.All(work.FirstSeen, first => Assert.Equal(first.Value, work.LastSeen[first.Key]));
    }

    private sealed class CountingWork(int items) : KernelWork
    {
        public int[] Counts { get; } = new int[items];

        public override int Items => Counts.Length;

        public override void Execute(int item) => Interlocked.Increment(ref Counts[item]);
    }

    private sealed class FailingWork : KernelWork
    {
        public override int Items => 20;

        public override void Execute(int item)
        {
            if (item == 7)
                throw new NotSupportedException($"item {item}");
        }
    }

    /// <summary>
    /// Notes what each helper has allocated in its life, the first time it is seen in a later round than the first and at the end.
    /// </summary>
    private sealed class AllocationWork(int items) : KernelWork
    {
        private readonly int _caller = Environment.CurrentManagedThreadId;
        private readonly long[] _first = new long[4096];
        private readonly long[] _last = new long[4096];
        private readonly int[] _visits = new int[4096];

        public override int Items => items;

        public Dictionary<int, long> FirstSeen => Seen(_first);

        public Dictionary<int, long> LastSeen => Seen(_last);

        public override void Execute(int item)
        {
            var thread = Environment.CurrentManagedThreadId;
            if (thread == _caller)
            {
                // Leaves the items to the helpers.
                Thread.SpinWait(2000);
                return;
            }

            _last[thread] = GC.GetAllocatedBytesForCurrentThread();
            if (_visits[thread]++ == 0)
                _first[thread] = _last[thread];
        }

        private Dictionary<int, long> Seen(long[] bytes) =>
            Enumerable.Range(0, bytes.Length).Where(thread => _visits[thread] > 0).ToDictionary(thread => thread, thread => bytes[thread]);
    }
}
