namespace GlifMl.Onnx;

/// <summary>A mixture of Gaussians with full covariances, in double precision (Bishop 2006, section 2.3.9).</summary>
internal sealed class GaussianMixture
{
    private readonly double[] _deviations;

    /// <summary>Creates a mixture.</summary>
    /// <param name="weights">Weights, one a component; scaled to a sum of 1.</param>
    /// <param name="means">Means, component by component.</param>
    /// <param name="factors">Lower-triangular factors of the covariances, component by component, row-major.</param>
    public GaussianMixture(double[] weights, double[] means, double[] factors)
    {
        var sum = weights.Sum();
        (Weights, Means, Factors) = (Array.ConvertAll(weights, w => w / sum), means, factors);
        Dimensions = means.Length / weights.Length;
        _deviations = new double[means.Length];
        for (var row = 0; row < _deviations.Length; row++)
        {
            var squares = 0.0;
            foreach (var factor in factors.AsSpan(row * Dimensions, Dimensions))
                squares += factor * factor;
            _deviations[row] = Math.Sqrt(squares);
        }
    }

    /// <summary>Weights of the components.</summary>
    public double[] Weights { get; }

    /// <summary>Means, component by component.</summary>
    public double[] Means { get; }

    /// <summary>Factors, component by component, row-major.</summary>
    public double[] Factors { get; }

    /// <summary>Numbers that a draw has.</summary>
    public int Dimensions { get; }

    /// <summary>The mean of one number.</summary>
    public double Mean(int dimension) => Average(dimension, (mean, _) => mean);

    /// <summary>The standard deviation of one number.</summary>
    public double Deviation(int dimension)
    {
        var mean = Mean(dimension);
        return Math.Sqrt(Average(dimension, (m, s) => ((m - mean) * (m - mean)) + (s * s)));
    }

    /// <summary>The mean of a function of one number, which the components' means and deviations give.</summary>
    public double Average(int dimension, Func<double, double, double> ofComponent)
    {
        var sum = 0.0;
        for (var k = 0; k < Weights.Length; k++)
            sum += Weights[k] * ofComponent(Means[(k * Dimensions) + dimension], _deviations[(k * Dimensions) + dimension]);
        return sum;
    }

    /// <summary>One number by itself.</summary>
    /// <param name="dimension">Which number.</param>
    /// <param name="low">What it is cut off at below; by default nowhere.</param>
    /// <param name="high">And above.</param>
    public MixtureMarginal Marginal(int dimension, double low = double.NegativeInfinity, double high = double.PositiveInfinity)
    {
        double[] Of(double[] all) => [.. Enumerable.Range(0, Weights.Length).Select(k => all[(k * Dimensions) + dimension])];
        return new(Weights, Of(Means), Of(_deviations), low, high);
    }

    /// <summary>The log of the density at a point.</summary>
    public double LogDensity(ReadOnlySpan<double> point)
    {
        var logs = new double[Weights.Length];
        var z = new double[Dimensions];
        for (var k = 0; k < logs.Length; k++)
        {
            var means = Means.AsSpan(k * Dimensions, Dimensions);
            var factor = Factors.AsSpan(k * Dimensions * Dimensions);
            logs[k] = Math.Log(Weights[k]);
            for (var i = 0; i < Dimensions; i++)
            {
                var left = point[i] - means[i];
                for (var j = 0; j < i; j++)
                    left -= factor[(i * Dimensions) + j] * z[j];
                var diagonal = factor[(i * Dimensions) + i];
                z[i] = left / diagonal;
                logs[k] -= Math.Log(Math.Abs(diagonal)) + (0.5 * z[i] * z[i]) + NormalDistribution.LogRoot;
            }
        }

        return LogOfSum(logs);
    }

    /// <summary>Draws once.</summary>
    /// <param name="random">Where the randomness comes from.</param>
    /// <param name="draw">Where the numbers go.</param>
    public void Draw(Random random, Span<double> draw)
    {
        var (component, left) = (0, random.NextDouble());
        while (component < Weights.Length - 1 && (left -= Weights[component]) >= 0)
            component++;
        Span<double> z = stackalloc double[Dimensions];
        for (var i = 0; i < Dimensions; i++)
            z[i] = Gaussian(random);
        for (var i = 0; i < Dimensions; i++)
        {
            var row = Factors.AsSpan((((component * Dimensions) + i) * Dimensions), i + 1);
            draw[i] = Means[(component * Dimensions) + i];
            for (var j = 0; j <= i; j++)
                draw[i] += row[j] * z[j];
        }
    }

    /// <summary>The same mixture of numbers that are each scaled, then shifted.</summary>
    /// <param name="scale">Factors, none of them 0.</param>
    /// <param name="offset">What is added.</param>
    public GaussianMixture Affine(ReadOnlySpan<double> scale, ReadOnlySpan<double> offset)
    {
        var (means, factors) = ((double[])Means.Clone(), (double[])Factors.Clone());
        for (var row = 0; row < means.Length; row++)
        {
            var i = row % Dimensions;
            means[row] = (means[row] * scale[i]) + offset[i];
            // A column's sign is free: this one keeps the diagonal positive.
            for (var j = 0; j < Dimensions; j++)
                factors[(row * Dimensions) + j] *= scale[i] * Math.Sign(scale[j]);
        }

        return new GaussianMixture(Weights, means, factors);
    }

    /// <summary>The same mixture with the width of each number multiplied, about its mean.</summary>
    /// <param name="factors">By what, one a number, each above 0.</param>
    public GaussianMixture Widened(params double[] factors)
    {
        double[] centres = [.. Enumerable.Range(0, Dimensions).Select(Mean)];
        return new(
            Weights,
            [.. Means.Select((mean, i) => centres[i % Dimensions] + ((mean - centres[i % Dimensions]) * factors[i % Dimensions]))],
            [.. Factors.Select((factor, i) => factor * factors[i / Dimensions % Dimensions])]
        );
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>The log of the sum of the exponentials.</summary>
    public static double LogOfSum(double[] logs)
    {
        var largest = logs.Max();
        return double.IsFinite(largest) ? largest + Math.Log(logs.Sum(log => Math.Exp(log - largest))) : largest;
    }
}
