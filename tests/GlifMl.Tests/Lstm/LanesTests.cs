using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

public class LanesTests
{
    [Fact]
    public void Exp2_WholeRange_StaysWithinTheStatedError()
    {
        ExpectAccurateExp2<Vector128<float>, FloatLanes128>();
        if (Fma.IsSupported)
            ExpectAccurateExp2<Vector256<float>, FloatLanes256>();
        if (Avx512F.IsSupported)
            ExpectAccurateExp2<Vector512<float>, FloatLanes512>();
    }

    [Fact]
    public void Reciprocal_Denominators_WithinOneUnitInTheLastPlace()
    {
        ExpectAccurateReciprocal<Vector128<float>, FloatLanes128>();
        if (Fma.IsSupported)
            ExpectAccurateReciprocal<Vector256<float>, FloatLanes256>();
        if (Avx512F.IsSupported)
            ExpectAccurateReciprocal<Vector512<float>, FloatLanes512>();
    }

    private static unsafe float First<TVector, TLanes>(float value, delegate* <TVector, TVector> function)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        var lanes = stackalloc float[TLanes.Width];
        TLanes.Store(lanes, function(TLanes.Broadcast(value)));
        return lanes[0];
    }

    private static unsafe void ExpectAccurateExp2<TVector, TLanes>()
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float Exp2(float x) => First<TVector, TLanes>(x, &TLanes.Exp2);
        var worst = 0.0;
        for (var x = -125f; x <= Exp2Polynomial.Limit; x += 0.000937f)
            worst = Math.Max(worst, Math.Abs(Exp2(x) / Math.Pow(2, x) - 1));
        Assert.InRange(worst, 1e-9, Exp2Polynomial.RelativeError);
        Assert.Equal(1, Exp2(0));
        Assert.Equal(Exp2(Exp2Polynomial.Limit), Exp2(1e30f));
        Assert.Equal(Exp2(Exp2Polynomial.Limit), Exp2(float.PositiveInfinity));
        Assert.InRange(Exp2(-1e30f), 0, 1e-37f);
        Assert.Equal(float.NaN, Exp2(float.NaN));
    }

    private static unsafe void ExpectAccurateReciprocal<TVector, TLanes>()
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector>
    {
        float Reciprocal(float x) => First<TVector, TLanes>(x, &TLanes.Reciprocal);
        for (var x = 1f; x < 1e30f; x *= 1.00173f)
            Assert.InRange(Math.Abs(Reciprocal(x) * (double)x - 1), 0, Math.Pow(2, -23));
        Assert.Equal(1, Reciprocal(1));
    }
}
