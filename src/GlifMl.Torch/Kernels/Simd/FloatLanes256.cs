using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Torch;

/// <summary>Eight floats: AVX2 and FMA.</summary>
internal readonly unsafe struct FloatLanes256 : IFloatLanes<Vector256<float>>
{
    public static int Width => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Vector256<float> value) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> addend) =>
        Vector256.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SubtractProduct(Vector256<float> from, Vector256<float> left, Vector256<float> right) =>
        Fma.MultiplyAddNegated(left, right, from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector256<float> value)
    {
        var (lower, upper) = Vector256.Widen(value);
        return Vector256.Sum(lower + upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LessThan(Vector256<float> left, Vector256<float> right) => Vector256.LessThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> whereSet, Vector256<float> elsewhere) =>
        Vector256.ConditionalSelect(mask, whereSet, elsewhere);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Reciprocal(Vector256<float> value) => Vector256<float>.One / value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp2(Vector256<float> exponent)
    {
        exponent = Vector256.MinNative(Vector256.Create(Exp2Polynomial.Limit), exponent);
        exponent = Vector256.MaxNative(Vector256.Create(Exp2Polynomial.LowerLimit), exponent);
        var whole = Vector256.Round(exponent);
        var fraction = exponent - whole;
        var power = MultiplyAdd(Vector256.Create(Exp2Polynomial.C5), fraction, Vector256.Create(Exp2Polynomial.C4));
        power = MultiplyAdd(power, fraction, Vector256.Create(Exp2Polynomial.C3));
        power = MultiplyAdd(power, fraction, Vector256.Create(Exp2Polynomial.C2));
        power = MultiplyAdd(power, fraction, Vector256.Create(Exp2Polynomial.C1));
        power = MultiplyAdd(power, fraction, Vector256<float>.One);
        // The whole part is added to the exponent field of the float.
        return (power.AsInt32() + (Vector256.ConvertToInt32Native(whole) << 23)).AsSingle();
    }
}
