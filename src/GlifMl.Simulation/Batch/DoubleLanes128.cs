using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

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
