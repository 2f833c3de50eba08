using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Lstm;

/// <summary>The arithmetic of one vector width. Masks are vectors whose lanes are all ones or all zeros.</summary>
internal unsafe interface IFloatLanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    static abstract TVector Load(float* from);

    static abstract void Store(float* to, TVector value);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left * right + addend, rounded once where the machine can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>from - left * right, rounded once where the machine can.</summary>
    static abstract TVector SubtractProduct(TVector from, TVector left, TVector right);

    /// <summary>The lanes' sum, added up in double.</summary>
    static abstract double Sum(TVector value);

    static abstract TVector LessThan(TVector left, TVector right);

    static abstract TVector Select(TVector mask, TVector whereSet, TVector elsewhere);

    /// <summary>1 / value within one unit in the last place; exactly 1 at 1. For values from 1 to 2^100.</summary>
    static abstract TVector Reciprocal(TVector value);

    /// <summary>
    /// 2^exponent within <see cref="Exp2Polynomial.RelativeError"/> , exactly 1 at 0; exponents above <see cref="Exp2Polynomial.Limit"/>
    /// count as that.
    /// </summary>
    static abstract TVector Exp2(TVector exponent);
}

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

/// <summary>
/// 2^f = 1 + f (C1 + f (C2 + ... C5)) on [-1/2, 1/2]: the polynomial of degree 5 that is exact at 0 and has the least maximal relative
/// error (Remez exchange in double, then rounded to float). Being exact at 0 makes tanh(0) = 0.
/// </summary>
internal static class Exp2Polynomial
{
    public const float C1 = 0.693147004f;
    public const float C2 = 0.240222424f;
    public const float C3 = 0.0555073358f;
    public const float C4 = 0.00967151299f;
    public const float C5 = 0.00132647273f;

    /// <summary>Of 2^x evaluated in float: 1.1e-7 from the polynomial, the rest from rounding.</summary>
    public const double RelativeError = 2.5e-7;

    /// <summary>
    /// Larger exponents count as this one, so that products of two of the denominators 1 + 2^x stay far from overflow. A gate is then
    /// closed to 1 / (1 + 2^48) = 4e-15 where the exact value is smaller still.
    /// </summary>
    public const float Limit = 48;

    /// <summary>Smaller exponents count as this one where the exponent field is written directly.</summary>
    public const float LowerLimit = -126;
}
