using System.Runtime.CompilerServices;

namespace GlifMl.Simulation;

/// <summary>Two vectors side by side: while one waits for its division, the other computes.</summary>
internal readonly struct LanePair<T>(T low, T high) : IDoubleLanes<LanePair<T>>
    where T : struct, IDoubleLanes<T>
{
    private readonly T _low = low;
    private readonly T _high = high;

    public static int Count => 2 * T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> operator +(LanePair<T> a, LanePair<T> b) => new(a._low + b._low, a._high + b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> operator -(LanePair<T> a, LanePair<T> b) => new(a._low - b._low, a._high - b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> operator *(LanePair<T> a, LanePair<T> b) => new(a._low * b._low, a._high * b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> operator /(LanePair<T> a, LanePair<T> b) => new(a._low / b._low, a._high / b._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> Broadcast(double value) => new(T.Broadcast(value), T.Broadcast(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> Load(ref readonly double first) =>
        new(T.Load(in first), T.Load(in Unsafe.Add(ref Unsafe.AsRef(in first), T.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(LanePair<T> lanes, ref double first)
    {
        T.Store(lanes._low, ref first);
        T.Store(lanes._high, ref Unsafe.Add(ref first, T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(LanePair<T> lanes, ref float first)
    {
        T.Store(lanes._low, ref first);
        T.Store(lanes._high, ref Unsafe.Add(ref first, T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> IsGreater(LanePair<T> a, LanePair<T> b) => new(T.IsGreater(a._low, b._low), T.IsGreater(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> And(LanePair<T> a, LanePair<T> b) => new(T.And(a._low, b._low), T.And(a._high, b._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanePair<T> Select(LanePair<T> mask, LanePair<T> ifSet, LanePair<T> otherwise) =>
        new(T.Select(mask._low, ifSet._low, otherwise._low), T.Select(mask._high, ifSet._high, otherwise._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(LanePair<T> mask) => T.Bits(mask._low) | (T.Bits(mask._high) << T.Count);
}
