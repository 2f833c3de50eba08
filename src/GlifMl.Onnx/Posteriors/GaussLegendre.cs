namespace GlifMl.Onnx;

/// <summary>Places and weights with which a sum is an integral from -1 to 1 (Abramowitz and Stegun 25.4.29).</summary>
internal static class GaussLegendre
{
    /// <summary>The rule of so many places, exact for polynomials of twice the degree.</summary>
    public static (double[] Places, double[] Weights) Of(int count)
    {
        var (places, weights) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            var x = -Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            var slope = 0.0;
            // Newton's method on the Legendre polynomial, which is computed by its recurrence.
            for (var turn = 0; turn < 8; turn++)
            {
                var (before, value) = (1.0, x);
                for (var n = 2; n <= count; n++)
                    (before, value) = (value, ((((2 * n) - 1) * x * value) - ((n - 1) * before)) / n);
                slope = count * ((x * value) - before) / ((x * x) - 1);
                x -= value / slope;
            }

            (places[i], weights[i]) = (x, 2 / ((1 - (x * x)) * slope * slope));
        }

        return (places, weights);
    }
}
