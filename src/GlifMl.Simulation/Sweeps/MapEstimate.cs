namespace GlifMl.Simulation;

/// <summary>
/// The most probable values of a few unknowns with a normal prior, given residuals of unit variance: damped Gauss-Newton steps with
/// numerical slopes (Levenberg 1944), and the normal approximation of the posterior there.
/// </summary>
/// <param name="Values">[P] the most probable values.</param>
/// <param name="Covariance">[P, P] of the posterior.</param>
/// <param name="Cost">Half the sum of squares there, the prior's included.</param>
internal sealed record MapEstimate(double[] Values, double[,] Covariance, double Cost)
{
    private const int MostSteps = 25;
    private const double SlopeStep = 1e-4;
    private const double LeastGain = 1e-6;

    /// <summary>Computes residuals, in standard deviations; 0 for one that there is none of.</summary>
    public delegate void Residuals(ReadOnlySpan<double> values, Span<double> residuals);

    /// <summary>Finds the most probable values.</summary>
    /// <param name="mean">[P] means of the prior, where it starts.</param>
    /// <param name="priorPrecision">[P, P] the inverse of the prior's covariance.</param>
    /// <param name="count">How many residuals there are.</param>
    /// <param name="residuals">Computes them.</param>
    public static MapEstimate Find(ReadOnlySpan<double> mean, double[,] priorPrecision, int count, Residuals residuals)
    {
        var unknowns = mean.Length;
        var (values, trial, step) = (mean.ToArray(), new double[unknowns], new double[unknowns]);
        var (at, there) = (new double[count], new double[count]);
        var slopes = new double[unknowns, count];
        var (curvature, damped, gradient) = (new double[unknowns, unknowns], new double[unknowns, unknowns], new double[unknowns]);
        residuals(values, at);
        var cost = CostOf(values, mean, priorPrecision, at);
        var damping = 1e-3;
        for (var n = 0; n < MostSteps; n++)
        {
            for (var p = 0; p < unknowns; p++)
            {
                values.CopyTo(trial, 0);
                trial[p] += SlopeStep;
                residuals(trial, there);
                for (var k = 0; k < count; k++)
                    slopes[p, k] = (there[k] - at[k]) / SlopeStep;
            }
            for (var p = 0; p < unknowns; p++)
            {
                gradient[p] = 0;
                for (var k = 0; k < count; k++)
                    gradient[p] += slopes[p, k] * at[k];
                for (var q = 0; q < unknowns; q++)
                {
                    gradient[p] += priorPrecision[p, q] * (values[q] - mean[q]);
                    var sum = priorPrecision[p, q];
                    for (var k = 0; k < count; k++)
                        sum += slopes[p, k] * slopes[q, k];
                    curvature[p, q] = sum;
                }
            }
            var gained = 0.0;
            while (damping < 1e9)
            {
                for (var p = 0; p < unknowns; p++)
                {
                    for (var q = 0; q < unknowns; q++)
                        damped[p, q] = curvature[p, q] * (p == q ? 1 + damping : 1);
                }
                SmallMatrix.Solve(damped, gradient, step);
                for (var p = 0; p < unknowns; p++)
                    trial[p] = values[p] - step[p];
                residuals(trial, there);
                var next = CostOf(trial, mean, priorPrecision, there);
                if (next < cost)
                {
                    (values, trial, at, there) = (trial, values, there, at);
                    (gained, cost, damping) = (cost - next, next, damping / 10);
                    break;
                }
                damping *= 10;
            }
            if (gained <= LeastGain * (1 + cost))
                break;
        }
        return new MapEstimate(values, SmallMatrix.Inverse(curvature), cost);
    }

    private static double CostOf(
        ReadOnlySpan<double> values,
        ReadOnlySpan<double> mean,
        double[,] precision,
        ReadOnlySpan<double> residuals
    )
    {
        var sum = 0.0;
        foreach (var residual in residuals)
            sum += residual * residual;
        for (var p = 0; p < values.Length; p++)
        {
            for (var q = 0; q < values.Length; q++)
                sum += precision[p, q] * (values[p] - mean[p]) * (values[q] - mean[q]);
        }
        // Off the cliff there is no number.
        return double.IsNaN(sum) ? double.PositiveInfinity : sum / 2;
    }
}

/// <summary>Linear algebra of a handful of unknowns.</summary>
internal static class SmallMatrix
{
    /// <summary>Solves A x = b for a symmetric positive definite A.</summary>
    public static void Solve(double[,] matrix, ReadOnlySpan<double> right, Span<double> solution)
    {
        var (lower, n) = (Cholesky(matrix), right.Length);
        for (var i = 0; i < n; i++)
        {
            var sum = right[i];
            for (var k = 0; k < i; k++)
                sum -= lower[i, k] * solution[k];
            solution[i] = sum / lower[i, i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            var sum = solution[i];
            for (var k = i + 1; k < n; k++)
                sum -= lower[k, i] * solution[k];
            solution[i] = sum / lower[i, i];
        }
    }

    /// <summary>The inverse of a symmetric positive definite matrix.</summary>
    public static double[,] Inverse(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var inverse = new double[n, n];
        var (unit, column) = (new double[n], new double[n]);
        for (var j = 0; j < n; j++)
        {
            Array.Clear(unit);
            unit[j] = 1;
            Solve(matrix, unit, column);
            for (var i = 0; i < n; i++)
                inverse[i, j] = column[i];
        }
        return inverse;
    }

    /// <summary>The lower triangle L with L L' = A.</summary>
    public static double[,] Cholesky(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var lower = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++)
                    sum -= lower[i, k] * lower[j, k];
                lower[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-300)) : sum / lower[j, j];
            }
        }
        return lower;
    }
}
