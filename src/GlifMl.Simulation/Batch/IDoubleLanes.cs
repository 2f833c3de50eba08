using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

/// <summary>
/// Doubles in SIMD lanes, one trace a lane. The one batch kernel is written against this; each width is a few lines. No operation
/// fuses or reorders, so every width gives the bits of the exact simulator.
/// </summary>
internal interface IDoubleLanes<T>
    : IAdditionOperators<T, T, T>,
        ISubtractionOperators<T, T, T>,
        IMultiplyOperators<T, T, T>,
        IDivisionOperators<T, T, T>
    where T : struct, IDoubleLanes<T>
{
    static abstract int Count { get; }

    static abstract T Broadcast(double value);

    static abstract T Load(ref readonly double first);

    static abstract void Store(T lanes, ref double first);

    /// <summary>Stores the lanes rounded to single precision.</summary>
    static abstract void Store(T lanes, ref float first);

    /// <summary>All bits set in the lanes where a is greater than b; no bit where either is NaN.</summary>
    static abstract T IsGreater(T a, T b);

    static abstract T And(T a, T b);

    /// <summary>The one value where the bits of the mask are set, the other elsewhere.</summary>
    static abstract T Select(T mask, T ifSet, T otherwise);

    /// <summary>One bit a lane: the mask's sign bits.</summary>
    static abstract uint Bits(T mask);
}

/// <summary>One lane: plain doubles, for machines without vectors and as the reference of the other widths.</summary>
internal readonly struct DoubleLanes64(double value) : IDoubleLanes<DoubleLanes64>
{
    private readonly double _value = value;

    public static int Count => 1;

    private long AsBits => BitConverter.DoubleToInt64Bits(_value);

    public static DoubleLanes64 operator +(DoubleLanes64 a, DoubleLanes64 b) => new(a._value + b._value);

    public static DoubleLanes64 operator -(DoubleLanes64 a, DoubleLanes64 b) => new(a._value - b._value);

    public static DoubleLanes64 operator *(DoubleLanes64 a, DoubleLanes64 b) => new(a._value * b._value);

    public static DoubleLanes64 operator /(DoubleLanes64 a, DoubleLanes64 b) => new(a._value / b._value);

    public static DoubleLanes64 Broadcast(double value) => new(value);

    public static DoubleLanes64 Load(ref readonly double first) => new(first);

    public static void Store(DoubleLanes64 lanes, ref double first) => first = lanes._value;

    public static void Store(DoubleLanes64 lanes, ref float first) => first = (float)lanes._value;

    public static DoubleLanes64 IsGreater(DoubleLanes64 a, DoubleLanes64 b) => Mask(a._value > b._value ? -1 : 0);

    public static DoubleLanes64 And(DoubleLanes64 a, DoubleLanes64 b) => Mask(a.AsBits & b.AsBits);

    public static DoubleLanes64 Select(DoubleLanes64 mask, DoubleLanes64 ifSet, DoubleLanes64 otherwise) =>
        mask.AsBits < 0 ? ifSet : otherwise;

    public static uint Bits(DoubleLanes64 mask) => mask.AsBits < 0 ? 1u : 0u;

    private static DoubleLanes64 Mask(long bits) => new(BitConverter.Int64BitsToDouble(bits));
}

/// <summary>Two lanes in a 128-bit vector.</summary>
internal readonly struct DoubleLanes128(Vector128<double> value) : IDoubleLanes<DoubleLanes128>
{
    private readonly Vector128<double> _value = value;

    public static int Count => Vector128<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 operator +(DoubleLanes128 a, DoubleLanes128 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 operator -(DoubleLanes128 a, DoubleLanes128 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 operator *(DoubleLanes128 a, DoubleLanes128 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 operator /(DoubleLanes128 a, DoubleLanes128 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 Broadcast(double value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 Load(ref readonly double first) => new(Vector128.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes128 lanes, ref double first) => lanes._value.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes128 lanes, ref float first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref first), Vector128.Narrow(lanes._value, lanes._value).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 IsGreater(DoubleLanes128 a, DoubleLanes128 b) => new(Vector128.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 And(DoubleLanes128 a, DoubleLanes128 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes128 Select(DoubleLanes128 mask, DoubleLanes128 ifSet, DoubleLanes128 otherwise) =>
        new(Vector128.ConditionalSelect(mask._value, ifSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleLanes128 mask) => (uint)mask._value.ExtractMostSignificantBits();
}

/// <summary>Four lanes in a 256-bit vector.</summary>
internal readonly struct DoubleLanes256(Vector256<double> value) : IDoubleLanes<DoubleLanes256>
{
    private readonly Vector256<double> _value = value;

    public static int Count => Vector256<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 operator +(DoubleLanes256 a, DoubleLanes256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 operator -(DoubleLanes256 a, DoubleLanes256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 operator *(DoubleLanes256 a, DoubleLanes256 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 operator /(DoubleLanes256 a, DoubleLanes256 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 Broadcast(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 Load(ref readonly double first) => new(Vector256.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes256 lanes, ref double first) => lanes._value.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes256 lanes, ref float first) =>
        Vector256.Narrow(lanes._value, lanes._value).GetLower().StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 IsGreater(DoubleLanes256 a, DoubleLanes256 b) => new(Vector256.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 And(DoubleLanes256 a, DoubleLanes256 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes256 Select(DoubleLanes256 mask, DoubleLanes256 ifSet, DoubleLanes256 otherwise) =>
        new(Vector256.ConditionalSelect(mask._value, ifSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleLanes256 mask) => (uint)mask._value.ExtractMostSignificantBits();
}

/// <summary>Eight lanes in a 512-bit vector.</summary>
internal readonly struct DoubleLanes512(Vector512<double> value) : IDoubleLanes<DoubleLanes512>
{
    private readonly Vector512<double> _value = value;

    public static int Count => Vector512<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 operator +(DoubleLanes512 a, DoubleLanes512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 operator -(DoubleLanes512 a, DoubleLanes512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 operator *(DoubleLanes512 a, DoubleLanes512 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 operator /(DoubleLanes512 a, DoubleLanes512 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 Broadcast(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 Load(ref readonly double first) => new(Vector512.LoadUnsafe(in first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes512 lanes, ref double first) => lanes._value.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(DoubleLanes512 lanes, ref float first) =>
        Vector512.Narrow(lanes._value, lanes._value).GetLower().StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 IsGreater(DoubleLanes512 a, DoubleLanes512 b) => new(Vector512.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 And(DoubleLanes512 a, DoubleLanes512 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleLanes512 Select(DoubleLanes512 mask, DoubleLanes512 ifSet, DoubleLanes512 otherwise) =>
        new(Vector512.ConditionalSelect(mask._value, ifSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleLanes512 mask) => (uint)mask._value.ExtractMostSignificantBits();
}

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
