using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

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
