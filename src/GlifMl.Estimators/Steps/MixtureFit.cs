using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>Fits a mixture of Gaussians to points by expectation and maximisation (Bishop 2006, section 9.2.2).</summary>
internal static class MixtureFit
{
    private const int Rounds = 100;

    // Of a number's variance over all points: no component gets narrower than a hundredth of the deviation.
    private const double LeastVariance = 1e-4;

    /// <summary>Fits.</summary>
    /// <param name="points">The points, of one length each.</param>
    /// <param name="components">Gaussians.</param>
    public static GaussianMixture Of(IReadOnlyList<double[]> points, int components)
    {
        var d = points[0].Length;
        double[] means = [.. Enumerable.Range(0, d).Select(i => points.Average(p => p[i]))];
        double[] deviations =
        [
            .. Enumerable.Range(0, d).Select(i => Math.Max(1e-9, Math.Sqrt(points.Average(p => (p[i] - means[i]) * (p[i] - means[i]))))),
        ];
        // All about one mean, from narrow to wide: errors have heavy tails rather than several summits.
        var gaussians = Enumerable
            .Range(0, components)
            .Select(k => Single(means, Array.ConvertAll(deviations, s => s * Math.Pow(3, ((2.0 * k) / Math.Max(1, components - 1)) - 1))))
            .ToArray();
        if (components == 1)
            gaussians[0] = Single(means, deviations);
        var weights = Enumerable.Repeat(1.0 / components, components).ToArray();
        var shares = new double[points.Count, components];
        for (var round = 0; round < Rounds; round++)
        {
            for (var n = 0; n < points.Count; n++)
            {
                double[] logs = [.. gaussians.Select((gaussian, k) => Math.Log(weights[k]) + gaussian.LogDensity(points[n]))];
                var largest = logs.Max();
                var sum = logs.Sum(log => Math.Exp(log - largest));
                for (var k = 0; k < components; k++)
                    shares[n, k] = Math.Exp(logs[k] - largest) / sum;
            }

            for (var k = 0; k < components; k++)
                (weights[k], gaussians[k]) = Maximise(points, shares, k, deviations);
        }

        return new GaussianMixture(
            weights,
            [.. gaussians.SelectMany(gaussian => gaussian.Means)],
            [.. gaussians.SelectMany(gaussian => gaussian.Factors)]
        );
    }

    private static (double Weight, GaussianMixture Gaussian) Maximise(
        IReadOnlyList<double[]> points,
        double[,] shares,
        int component,
        double[] deviations
    )
    {
        var d = deviations.Length;
        // A component that lost all its points keeps a trace of them.
        var (total, means, covariance) = (1e-9, new double[d], new double[d * d]);
        for (var n = 0; n < points.Count; n++)
        {
            total += shares[n, component];
            for (var i = 0; i < d; i++)
                means[i] += shares[n, component] * points[n][i];
        }

        means = Array.ConvertAll(means, sum => sum / total);
        for (var n = 0; n < points.Count; n++)
        {
            for (var i = 0; i < d; i++)
            {
                for (var j = 0; j <= i; j++)
                    covariance[(i * d) + j] += shares[n, component] * (points[n][i] - means[i]) * (points[n][j] - means[j]) / total;
            }
        }

        for (var i = 0; i < d; i++)
            covariance[(i * d) + i] += LeastVariance * deviations[i] * deviations[i];
        return (total / points.Count, new GaussianMixture([1], means, Cholesky(covariance, d)));
    }

    private static GaussianMixture Single(double[] means, double[] deviations)
    {
        var factors = new double[means.Length * means.Length];
        for (var i = 0; i < means.Length; i++)
            factors[(i * means.Length) + i] = deviations[i];
        return new GaussianMixture([1], means, factors);
    }

    // Row by row (Golub and Van Loan 2013, section 4.2).
    private static double[] Cholesky(double[] matrix, int d)
    {
        var factor = new double[d * d];
        for (var i = 0; i < d; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var left = matrix[(i * d) + j];
                for (var m = 0; m < j; m++)
                    left -= factor[(i * d) + m] * factor[(j * d) + m];
                factor[(i * d) + j] = i == j ? Math.Sqrt(Math.Max(left, 1e-30)) : left / factor[(j * d) + j];
            }
        }

        return factor;
    }
}
