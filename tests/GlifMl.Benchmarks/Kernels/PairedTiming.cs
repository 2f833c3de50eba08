using System.Diagnostics;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>Times two ways of doing the same work in turn, so that whatever else the machine does falls on both.</summary>
/// <param name="Seconds">Ours, the median.</param>
/// <param name="PeerSeconds">The peer's, the median.</param>
/// <param name="Ratio">The median of the pairs' ratios, above 1 where ours is faster.</param>
/// <param name="Range">Our shortest and longest.</param>
/// <param name="PeerRange">The peer's shortest and longest.</param>
internal sealed record PairedTiming(double Seconds, double PeerSeconds, double Ratio, SecondsRange Range, SecondsRange PeerRange)
{
    // The peers' threads go on spinning for some milliseconds after their work, on cores that the next one's threads then lack.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Times pairs.</summary>
    /// <param name="ours">What is measured.</param>
    /// <param name="peer">What it is compared with.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="block">Runs of a sample, after a pause and all but one as many, at least one, that are not counted.</param>
    public static PairedTiming Measure(Action ours, Action peer, int pairs, int block = 1)
    {
        ours();
        peer();
        var times = new (double Ours, double Peer)[pairs];
        for (var n = 0; n < pairs; n++)
            times[n] = (Block(ours, block), Block(peer, block));
        return new(
            Median(times.Select(t => t.Ours)),
            Median(times.Select(t => t.Peer)),
            Median(times.Select(t => t.Peer / t.Ours)),
            SecondsRange.Of(times.Select(t => t.Ours)),
            SecondsRange.Of(times.Select(t => t.Peer))
        );
    }

    /// <summary>The median of several runs after one that is not counted.</summary>
    public static double Measure(Action work, int runs)
    {
        work();
        return Median(Enumerable.Range(0, runs).Select(_ => Time(work)).ToArray());
    }

    private static double Block(Action work, int runs)
    {
        Thread.Sleep(Pause);
        // The first run after a pause wakes the threads, which the system may put on one core for some milliseconds.
        for (var n = 0; n < Math.Max(1, runs - 1); n++)
            work();
        return Time(() =>
            {
                for (var n = 0; n < runs; n++)
                    work();
            }) / runs;
    }

    private static double Time(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
