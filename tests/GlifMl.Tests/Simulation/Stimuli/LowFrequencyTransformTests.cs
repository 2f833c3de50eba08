using System.Numerics;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation.Stimuli;

public sealed class LowFrequencyTransformTests
{
    private delegate void Inversion(
        ReadOnlySpan<Complex> positive,
        ReadOnlySpan<Complex> negative,
        Span<double> real,
        Span<double> imaginary
    );

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(127)]
    public void Invert_OfAnyWidth_IsTheRadix2TransformToTheBit(int highest)
    {
        Random random = new(highest);
        var positive = new Complex[highest + 1];
        var negative = new Complex[highest + 1];
        var expected = new Complex[LowFrequencyTransform.Points];
        for (var f = 1; f <= highest; f++)
        {
            expected[f] = positive[f] = new(random.NextDouble() - 0.5, random.NextDouble() - 0.5);
            expected[^f] = negative[f] = new(random.NextDouble() - 0.5, random.NextDouble() - 0.5);
        }
        Invert(expected);

        Inversion[] inversions =
        [
            LowFrequencyTransform.Invert,
            LowFrequencyTransform.Invert<DoubleLanes64>,
            LowFrequencyTransform.Invert<DoubleLanes128>,
            LowFrequencyTransform.Invert<DoubleLanes256>,
            LowFrequencyTransform.Invert<DoubleLanes512>,
        ];
        foreach (var invert in inversions)
        {
            var (real, imaginary) = (new double[expected.Length], new double[expected.Length]);
            Array.Fill(real, double.NaN);
            Array.Fill(imaginary, double.NaN);
            invert(positive, negative, real, imaginary);
            Assert.Equal(expected.Select(x => x.Real), real);
            Assert.Equal(expected.Select(x => x.Imaginary), imaginary);
        }
    }

    // Decimation in time, positive exponent, unscaled, a butterfly at a time.
    private static void Invert(Complex[] x)
    {
        for (int i = 1, j = 0; i < x.Length; i++)
        {
            var bit = x.Length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
                j ^= bit;
            j ^= bit;
            if (i < j)
                (x[i], x[j]) = (x[j], x[i]);
        }
        for (var half = 1; half < x.Length; half *= 2)
        {
            var stride = x.Length / (2 * half);
            for (var block = 0; block < x.Length; block += 2 * half)
            {
                for (var k = 0; k < half; k++)
                {
                    var odd = x[block + half + k] * LowFrequencyTransform.Turn((double)(k * stride) / x.Length);
                    x[block + half + k] = x[block + k] - odd;
                    x[block + k] += odd;
                }
            }
        }
    }
}
