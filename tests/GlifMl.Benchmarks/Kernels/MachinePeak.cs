using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Kernels;

/// <summary>What the machine's multiply-add units reach when they wait for nothing.</summary>
internal static class MachinePeak
{
    private const int Rounds = 1_000_000;
    private const int Chains = 12;

    /// <summary>Floating-point operations a second on that many threads, the best of several tries.</summary>
    public static double FlopsPerSecond(int threads)
    {
        var work = new PeakWork(threads);
        var best = double.MaxValue;
        for (var n = 0; n < 40; n++)
        {
            var start = Stopwatch.GetTimestamp();
            KernelThreads.Run(work, threads);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * Rounds * Chains * Width * threads / best;
    }

    private static int Width => Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Widest()
    {
        var x = Vector512.Create(0.999f);
        Vector512<float> a = x,
            b = x,
            c = x,
            d = x,
            e = x,
            f = x,
            g = x,
            h = x,
            i = x,
            j = x,
            k = x,
            l = x;
        for (var n = 0; n < Rounds; n++)
        {
            a = Vector512.MultiplyAddEstimate(a, x, x);
            b = Vector512.MultiplyAddEstimate(b, x, x);
            c = Vector512.MultiplyAddEstimate(c, x, x);
            d = Vector512.MultiplyAddEstimate(d, x, x);
            e = Vector512.MultiplyAddEstimate(e, x, x);
            f = Vector512.MultiplyAddEstimate(f, x, x);
            g = Vector512.MultiplyAddEstimate(g, x, x);
            h = Vector512.MultiplyAddEstimate(h, x, x);
            i = Vector512.MultiplyAddEstimate(i, x, x);
            j = Vector512.MultiplyAddEstimate(j, x, x);
            k = Vector512.MultiplyAddEstimate(k, x, x);
            l = Vector512.MultiplyAddEstimate(l, x, x);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Narrower()
    {
        var x = new Vector<float>(0.999f);
        Vector<float> a = x,
            b = x,
            c = x,
            d = x,
            e = x,
            f = x,
            g = x,
            h = x,
            i = x,
            j = x,
            k = x,
            l = x;
        for (var n = 0; n < Rounds; n++)
        {
            a = Vector.MultiplyAddEstimate(a, x, x);
            b = Vector.MultiplyAddEstimate(b, x, x);
            c = Vector.MultiplyAddEstimate(c, x, x);
            d = Vector.MultiplyAddEstimate(d, x, x);
            e = Vector.MultiplyAddEstimate(e, x, x);
            f = Vector.MultiplyAddEstimate(f, x, x);
            g = Vector.MultiplyAddEstimate(g, x, x);
            h = Vector.MultiplyAddEstimate(h, x, x);
            i = Vector.MultiplyAddEstimate(i, x, x);
            j = Vector.MultiplyAddEstimate(j, x, x);
            k = Vector.MultiplyAddEstimate(k, x, x);
            l = Vector.MultiplyAddEstimate(l, x, x);
        }

        return Vector.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private sealed class PeakWork(int items) : KernelWork
    {
        private readonly float[] _results = new float[items];

        public override int Items => _results.Length;

        public override void Execute(int item) => _results[item] = Vector512.IsHardwareAccelerated ? Widest() : Narrower();
    }
}
