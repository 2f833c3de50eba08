using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Torch;

/// <summary>Sixteen floats: AVX-512.</summary>
internal readonly unsafe struct FloatLanes512 : IFloatLanes<Vector512<float>>
{
    public static int Width => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Vector512<float> value) => value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SubtractProduct(Vector512<float> from, Vector512<float> left, Vector512<float> right) =>
        Avx512F.FusedMultiplyAddNegated(left, right, from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector512<float> value)
    {
        var (lower, upper) = Vector512.Widen(value);
        return Vector512.Sum(lower + upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LessThan(Vector512<float> left, Vector512<float> right) => Vector512.LessThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> whereSet, Vector512<float> elsewhere) =>
        Vector512.ConditionalSelect(mask, whereSet, elsewhere);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reciprocal(Vector512<float> value)
    {
        // The estimate is good to 2^-14; with its error e the next two terms of 1 / (1 - e) = 1 + e + e^2 leave 2^-42.
        var estimate = Avx512F.Reciprocal14(value);
        var error = SubtractProduct(Vector512<float>.One, value, estimate);
        return MultiplyAdd(estimate, MultiplyAdd(error, error, error), estimate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> exponent)
    {
        exponent = Vector512.MinNative(Vector512.Create(Exp2Polynomial.Limit), exponent);
        var whole = Avx512F.RoundScale(exponent, 0);
        var fraction = exponent - whole;
        var power = MultiplyAdd(Vector512.Create(Exp2Polynomial.C5), fraction, Vector512.Create(Exp2Polynomial.C4));
        power = MultiplyAdd(power, fraction, Vector512.Create(Exp2Polynomial.C3));
        power = MultiplyAdd(power, fraction, Vector512.Create(Exp2Polynomial.C2));
        power = MultiplyAdd(power, fraction, Vector512.Create(Exp2Polynomial.C1));
        power = MultiplyAdd(power, fraction, Vector512<float>.One);
        return Avx512F.Scale(power, whole);
    }
}
