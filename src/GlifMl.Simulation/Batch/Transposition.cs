using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Simulation;

/// <summary>
/// Moves blocks between [step, lane] order, in which the kernel computes, and one row a trace. Fully compiled at the first call, as
/// the kernel is.
/// </summary>
internal static class Transposition
{
    /// <summary>Copies the first traces' columns of a [step, lane] block to their rows, from a step on.</summary>
    public static void ToRows<T>(ReadOnlySpan<T> block, int lanes, int traces, LaneOutput<T> output, int firstStep)
        where T : unmanaged
    {
        var steps = block.Length / lanes;
        var lane = 0;
        for (; typeof(T) == typeof(float) && lane + 4 <= traces; lane += 4)
        {
            FourToRows(
                MemoryMarshal.Cast<T, float>(block),
                lanes,
                lane,
                Row<T>(output, lane, firstStep, steps),
                Row<T>(output, lane + 1, firstStep, steps),
                Row<T>(output, lane + 2, firstStep, steps),
                Row<T>(output, lane + 3, firstStep, steps)
            );
        }
        for (; lane < traces; lane++)
        {
            var row = output.Row(lane).Slice(firstStep, steps);
            for (var s = 0; s < row.Length; s++)
                row[s] = block[s * lanes + lane];
        }
    }

    /// <summary>Copies a stretch of each lane's stimulus to a [step, lane] block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromRows(double[][] stimuli, int firstStep, int steps, Span<double> block)
    {
        var lanes = stimuli.Length;
        for (var lane = 0; lane < lanes; lane += 2)
        {
            var row0 = stimuli[lane].AsSpan(firstStep, steps);
            if (lane + 1 == lanes)
            {
                for (var s = 0; s < steps; s++)
                    block[s * lanes + lane] = row0[s];
                break;
            }
            var row1 = stimuli[lane + 1].AsSpan(firstStep, steps);
            ref var from0 = ref MemoryMarshal.GetReference(row0);
            ref var from1 = ref MemoryMarshal.GetReference(row1);
            ref var to = ref block[lane];
            var step = 0;
            for (; step + 2 <= steps; step += 2)
            {
                var (a, b) = (Vector128.LoadUnsafe(ref from0, (nuint)step), Vector128.LoadUnsafe(ref from1, (nuint)step));
                ZipLow(a, b).StoreUnsafe(ref to, (nuint)(step * lanes));
                ZipHigh(a, b).StoreUnsafe(ref to, (nuint)((step + 1) * lanes));
            }
            if (step < steps)
                (block[step * lanes + lane], block[step * lanes + lane + 1]) = (row0[step], row1[step]);
        }
    }

    private static Span<float> Row<T>(LaneOutput<T> output, int lane, int firstStep, int steps)
        where T : unmanaged => MemoryMarshal.Cast<T, float>(output.Row(lane).Slice(firstStep, steps));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourToRows(
        ReadOnlySpan<float> block,
        int lanes,
        int lane,
        Span<float> row0,
        Span<float> row1,
        Span<float> row2,
        Span<float> row3
    )
    {
        ref var from = ref MemoryMarshal.GetReference(block[lane..]);
        ref var to0 = ref MemoryMarshal.GetReference(row0);
        ref var to1 = ref MemoryMarshal.GetReference(row1);
        ref var to2 = ref MemoryMarshal.GetReference(row2);
        ref var to3 = ref MemoryMarshal.GetReference(row3);
        var s = 0;
        for (; s + 4 <= row0.Length; s += 4)
        {
            var a = Vector128.LoadUnsafe(ref from, (nuint)(s * lanes));
            var b = Vector128.LoadUnsafe(ref from, (nuint)((s + 1) * lanes));
            var c = Vector128.LoadUnsafe(ref from, (nuint)((s + 2) * lanes));
            var d = Vector128.LoadUnsafe(ref from, (nuint)((s + 3) * lanes));
            var (acLow, acHigh, bdLow, bdHigh) = (ZipLow(a, c), ZipHigh(a, c), ZipLow(b, d), ZipHigh(b, d));
            ZipLow(acLow, bdLow).StoreUnsafe(ref to0, (nuint)s);
            ZipHigh(acLow, bdLow).StoreUnsafe(ref to1, (nuint)s);
            ZipLow(acHigh, bdHigh).StoreUnsafe(ref to2, (nuint)s);
            ZipHigh(acHigh, bdHigh).StoreUnsafe(ref to3, (nuint)s);
        }
        for (; s < row0.Length; s++)
        {
            var column = block.Slice(s * lanes + lane, 4);
            (row0[s], row1[s], row2[s], row3[s]) = (column[0], column[1], column[2], column[3]);
        }
    }

    // a0 b0 a1 b1
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a2 b2 a3 b3
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipLow(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> ZipHigh(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[1], b[1]);
}
