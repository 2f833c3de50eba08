namespace GlifMl.Torch;

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
