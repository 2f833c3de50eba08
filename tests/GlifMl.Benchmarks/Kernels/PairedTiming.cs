using System.Diagnostics;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>Times two ways of doing the same work in turn, so that whatever else the machine does falls on both.</summary>
internal sealed record PairedTiming(double Seconds, double PeerSeconds, double Ratio)
{
    /// <summary>
    /// Medians over the pairs; the ratio is the median of the pairs' ratios, above 1 where <paramref name="ours"/> is faster.
    /// </summary>
    public static PairedTiming Measure(Action ours, Action peer, int pairs)
    {
        ours();
        peer();
        var times = new (double Ours, double Peer)[pairs];
        for (var n = 0; n < pairs; n++)
            times[n] = (Time(ours), Time(peer));
        return new(
            Median(times.Select(t => t.Ours)), Median(times.Select(t => t.Peer)), Median(times.Select(t => t.Peer / t.Ours)));
    }

    /// <summary>The median of several runs after one that is not counted.</summary>
    public static double Measure(Action work, int runs)
    {
        work();
        return Median(Enumerable.Range(0, runs).Select(_ => Time(work)).ToArray());
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
