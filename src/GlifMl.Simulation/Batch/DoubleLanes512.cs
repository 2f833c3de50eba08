using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

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
