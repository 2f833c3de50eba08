using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Torch;

/// <summary>Four floats: SSE with or without FMA, or ARM's AdvSimd.</summary>
internal readonly unsafe struct FloatLanes128 : IFloatLanes<Vector128<float>>
{
    public static int Width => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Vector128<float> value) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SubtractProduct(Vector128<float> from, Vector128<float> left, Vector128<float> right) =>
        Vector128.MultiplyAddEstimate(-left, right, from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector128<float> value)
    {
        var (lower, upper) = Vector128.Widen(value);
        return Vector128.Sum(lower + upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LessThan(Vector128<float> left, Vector128<float> right) => Vector128.LessThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Select(Vector128<float> mask, Vector128<float> whereSet, Vector128<float> elsewhere) =>
        Vector128.ConditionalSelect(mask, whereSet, elsewhere);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Reciprocal(Vector128<float> value) => Vector128<float>.One / value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Exp2(Vector128<float> exponent)
    {
        exponent = Vector128.MinNative(Vector128.Create(Exp2Polynomial.Limit), exponent);
        exponent = Vector128.MaxNative(Vector128.Create(Exp2Polynomial.LowerLimit), exponent);
        var whole = Vector128.Round(exponent);
        var fraction = exponent - whole;
        var power = MultiplyAdd(Vector128.Create(Exp2Polynomial.C5), fraction, Vector128.Create(Exp2Polynomial.C4));
        power = MultiplyAdd(power, fraction, Vector128.Create(Exp2Polynomial.C3));
        power = MultiplyAdd(power, fraction, Vector128.Create(Exp2Polynomial.C2));
        power = MultiplyAdd(power, fraction, Vector128.Create(Exp2Polynomial.C1));
        power = MultiplyAdd(power, fraction, Vector128<float>.One);
        // The whole part is added to the exponent field of the float.
        return (power.AsInt32() + (Vector128.ConvertToInt32Native(whole) << 23)).AsSingle();
    }
}
