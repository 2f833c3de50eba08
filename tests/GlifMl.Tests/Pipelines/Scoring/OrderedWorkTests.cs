using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Scoring;

public sealed class OrderedWorkTests
{
    private const int Threads = 4;

    [Fact]
    public void Run_ItemsOfUnequalLength_HandsResultsOutInOrder()
    {
        var random = new Random(1);
        int[] pauses = [.. Enumerable.Range(0, 200).Select(_ => random.Next(3))];

        var results = Run(pauses.Length, (_, item) => Pause(pauses[item], item));

        Assert.Equal(Enumerable.Range(0, pauses.Length), results);
    }

    [Fact]
    public void Run_ResultsThatNobodyTakes_BeginsOnlyAFew()
    {
        var begun = 0;
        using var results = Run(1000, (_, item) => Interlocked.Increment(ref begun) + item).GetEnumerator();

        Assert.True(results.MoveNext());
        Thread.Sleep(50);

        Assert.InRange(begun, 1, (2 * Threads) + 1);
    }

    [Fact]
    public void Run_ItemThatFails_ThrowsWhenItsTurnHasCome()
    {
        var seen = new List<int>();
        var results = Run(100, (_, item) => item == 7 ? throw new InvalidDataException("seven") : Pause(7 - Math.Min(item, 7), item));

        var e = Assert.Throws<InvalidDataException>(() => seen.AddRange(results));

        Assert.Equal("seven", e.Message);
        Assert.Equal(Enumerable.Range(0, 7), seen);
    }

    [Fact]
    public void Run_Cancelled_StopsAndClosesEveryWorker()
    {
        using var source = new CancellationTokenSource();
        var (open, seen) = (0, 0);
        var results = OrderedWork<Worker, int>.Run(
            1000,
            Threads,
            () => new Worker(n => Interlocked.Add(ref open, n)),
            (_, item) => Pause(1, item),
            source.Token
        );

        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in results)
            {
                if (++seen == 20)
                    source.Cancel();
            }
        });

        Assert.InRange(seen, 20, 999);
        Assert.Equal(0, open);
    }

    private static IEnumerable<int> Run(int items, Func<Worker, int, int> work) =>
        OrderedWork<Worker, int>.Run(items, Threads, () => new Worker(_ => { }), work, CancellationToken.None);

    private static int Pause(int milliseconds, int item)
    {
        Thread.Sleep(milliseconds);
        return item;
    }

    private sealed class Worker : IDisposable
    {
        private readonly Action<int> _count;

        public Worker(Action<int> count)
        {
            _count = count;
            count(1);
        }

        public void Dispose() => _count(-1);
    }
}
