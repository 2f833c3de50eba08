namespace GlifMl.Onnx;

/// <summary>
/// One number of a mixture of Gaussians by itself: a mixture of Gaussians again, cut off where the number cannot be, in double precision.
/// </summary>
internal sealed class MixtureMarginal
{
    /// <summary>
    /// Deviations that a Gaussian's centre is beyond a limit at most: one that is farther counts as if it were there, since next to nothing
    /// of it is left, in single precision above all.
    /// </summary>
    public const double MostBeyond = 2;

    // In logarithms: beyond it the closed form multiplies what is next to nothing by what is next to endless.
    private const double Wide = 1;

    /// <summary>Of a Gaussian next to nothing lies farther from its centre, in deviations; between, the rule is good to 1e-9.</summary>
    public const double Far = 6;

    /// <summary>With which a Gaussian between its ends is integrated.</summary>
    public static readonly (double[] Places, double[] Weights) Rule = GaussLegendre.Of(20);

    // Of what is outside: less of it moves no draw that anyone would tell from another.
    private const double Negligible = 1e-4;

    // Of the narrowest component's deviation: how near a quantile is found, and where a draw goes.
    private const double Nearness = 1e-13,
        NearnessOfDraws = 1e-5;

    private readonly double[] _weights,
        _centres,
        _means,
        _deviations,
        _masses,
        _belowLow;
    private readonly double _low,
        _high,
        _mass;

    /// <summary>Creates it.</summary>
    /// <param name="weights">Weights, one a component; they add up to 1.</param>
    /// <param name="means">Means.</param>
    /// <param name="deviations">Standard deviations.</param>
    /// <param name="low">What the number is at least; negative infinity: nothing.</param>
    /// <param name="high">What the number is at most; infinity: nothing.</param>
    public MixtureMarginal(double[] weights, double[] means, double[] deviations, double low, double high)
    {
        (_weights, _centres, _deviations, _low, _high) = (weights, means, deviations, low, high);
        _means = [.. means.Zip(deviations, (mean, s) => Math.Clamp(mean, low - (MostBeyond * s), high + (MostBeyond * s)))];
        _masses = [.. weights.Select((_, k) => Within(k, low, high))];
        _belowLow = [.. _means.Zip(deviations, (mean, s) => NormalDistribution.RoughCdf((low - mean) / s).Probability)];
        _mass = weights.Zip(_masses, (weight, mass) => weight * mass).Sum();
    }

    /// <summary>The mean.</summary>
    public double Mean => Moments(Component).Mean;

    /// <summary>The standard deviation.</summary>
    public double Deviation => Math.Sqrt(Moments(Component).Variance);

    /// <summary>Mean and variance of the exponential of the number.</summary>
    public (double Mean, double Variance) MomentsOfExp => Moments(ComponentOfExp);

    /// <summary>The same, but for the limits, with the width multiplied, about the mean.</summary>
    public MixtureMarginal Widened(double factor)
    {
        var mean = _weights.Zip(_centres, (weight, centre) => weight * centre).Sum();
        double[] centres = [.. _centres.Select(centre => mean + ((centre - mean) * factor))];
        return new(_weights, centres, Array.ConvertAll(_deviations, d => d * factor), _low, _high);
    }

    /// <summary>The probability that the number is below a value.</summary>
    public double Cdf(double value) => Math.Clamp(Below(value) / _mass, 0, 1);

    /// <summary>The value that the number is below with a probability.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    public double Quantile(double probability) => Invert(double.NaN, Nearness, x => (Cdf(x) - probability, Density(x)));

    /// <summary>Where a probability is reached.</summary>
    /// <param name="start">Where to begin; no number: in the middle.</param>
    /// <param name="nearness">How near it is found, of the narrowest component's deviation.</param>
    /// <param name="at">How far above the probability a value is, and the density there.</param>
    private double Invert(double start, double nearness, Func<double, (double Above, double Density)> at)
    {
        // Nearly all of a Gaussian lies within so many deviations.
        const double All = 9;
        var (low, high, narrow) = (double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity);
        for (var k = 0; k < _means.Length; k++)
        {
            (low, high) = (Math.Min(low, _means[k] - (All * _deviations[k])), Math.Max(high, _means[k] + (All * _deviations[k])));
            narrow = Math.Min(narrow, _deviations[k]);
        }

        (low, high) = (Math.Max(low, _low), Math.Min(high, _high));
        // Newton's steps, and halves of the bracket where those leave it, and at every third turn, lest they creep.
        var x = start > low && start < high ? start : 0.5 * (low + high);
        for (var turn = 1; low < x && x < high; turn++)
        {
            var (above, density) = at(x);
            (low, high) = above < 0 ? (x, high) : (low, x);
            var next = x - (above / density);
            if (Math.Abs(next - x) < nearness * narrow)
                return Math.Clamp(next, low, high);
            x = next > low && next < high && turn % 3 != 0 ? next : 0.5 * (low + high);
        }

        return x;
    }

    /// <summary>The log of the density at a value within the limits.</summary>
    public double LogDensity(double value)
    {
        var logs = new double[_weights.Length];
        for (var k = 0; k < logs.Length; k++)
        {
            var z = (value - _means[k]) / _deviations[k];
            logs[k] = Math.Log(_weights[k]) - Math.Log(_deviations[k]) - (0.5 * z * z) - NormalDistribution.LogRoot;
        }

        return GaussianMixture.LogOfSum(logs) - Math.Log(_mass);
    }

    /// <summary>
    /// Where a value goes that was drawn as if there were no limits: as far into what is left as it lies in the whole. So draws of several
    /// numbers keep how they hang together, and each is distributed as it is by itself.
    /// </summary>
    public double Inside(double drawn)
    {
        // No centre was moved, and next to nothing is outside.
        if (_mass > 1 - Negligible)
            return Math.Clamp(drawn, _low, _high);
        var share = 0.0;
        for (var k = 0; k < _weights.Length; k++)
            share += _weights[k] * NormalDistribution.RoughCdf((drawn - _centres[k]) / _deviations[k]).Probability;
        share = Math.Clamp(share, 1e-7, 1 - 1e-7);
        return Invert(Math.Clamp(drawn, _low, _high), NearnessOfDraws, Rough);

        // A draw is one of many: seven digits of its probability are more than it has.
        (double Above, double Density) Rough(double x)
        {
            var (below, density) = (0.0, 0.0);
            for (var k = 0; k < _weights.Length; k++)
            {
                var (probability, there) = NormalDistribution.RoughCdf((x - _means[k]) / _deviations[k]);
                below += _weights[k] * (probability - _belowLow[k]);
                density += _weights[k] / _deviations[k] * there;
            }

            return ((below / _mass) - share, density / _mass);
        }
    }

    private double Density(double value)
    {
        var sum = 0.0;
        for (var k = 0; k < _weights.Length; k++)
            sum += _weights[k] / _deviations[k] * NormalDistribution.Density((value - _means[k]) / _deviations[k]);
        return sum / _mass;
    }

    private double Below(double value)
    {
        var sum = 0.0;
        for (var k = 0; k < _weights.Length; k++)
            sum += _weights[k] * Within(k, _low, value);
        return sum;
    }

    private double Within(int k, double low, double high) =>
        NormalDistribution.Between((low - _means[k]) / _deviations[k], (high - _means[k]) / _deviations[k]);

    private (double Mean, double Variance) Moments(Func<int, (double Mean, double Variance)> component)
    {
        var all = Enumerable.Range(0, _weights.Length).Select(k => (Share: _weights[k] * _masses[k] / _mass, Of: component(k))).ToArray();
        var mean = all.Sum(k => k.Share * k.Of.Mean);
        return (mean, all.Sum(k => k.Share * (((k.Of.Mean - mean) * (k.Of.Mean - mean)) + k.Of.Variance)));
    }

    // Johnson, Kotz & Balakrishnan 1994, section 13.10.1: a Gaussian cut off at both ends.
    private (double Mean, double Variance) Component(int k)
    {
        var (mean, deviation) = (_means[k], _deviations[k]);
        var (a, b) = ((_low - mean) / deviation, (_high - mean) / deviation);
        var slope = (NormalDistribution.Density(a) - NormalDistribution.Density(b)) / _masses[k];
        var curvature = (Moment(a) - Moment(b)) / _masses[k];
        return (mean + (deviation * slope), deviation * deviation * (1 + curvature - (slope * slope)));

        static double Moment(double x) => double.IsInfinity(x) ? 0 : x * NormalDistribution.Density(x);
    }

    // e^(n x) times a Gaussian is one that is moved by n variances; of a wide one little of that is between the ends.
    private (double Mean, double Variance) ComponentOfExp(int k)
    {
        var (mean, deviation) = (_means[k], _deviations[k]);
        if (deviation > Wide && double.IsFinite(_low) && double.IsFinite(_high))
            return OfExpByPlaces(mean, deviation);
        double Moved(int n) =>
            NormalDistribution.Between(((_low - mean) / deviation) - (n * deviation), ((_high - mean) / deviation) - (n * deviation))
            / _masses[k];
        var (variance, first) = (deviation * deviation, Moved(1));
        var each = Math.Exp(mean + (0.5 * variance)) * first;
        return (each, each * each * ((Math.Exp(variance) * Moved(2) / (first * first)) - 1));
    }

    private (double Mean, double Variance) OfExpByPlaces(double mean, double deviation)
    {
        var (from, to) = (Math.Max((_low - mean) / deviation, -Far), Math.Min((_high - mean) / deviation, Far));
        var (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        var (mass, first, second) = (0.0, 0.0, 0.0);
        foreach (var (place, weight) in Rule.Places.Zip(Rule.Weights))
        {
            var z = middle + (half * place);
            var (share, value) = (weight * NormalDistribution.Density(z), Math.Exp(deviation * half * place));
            (mass, first, second) = (mass + share, first + (share * value), second + (share * value * value));
        }

        var (origin, each) = (Math.Exp(mean + (deviation * middle)), first / mass);
        return (origin * each, origin * origin * ((second / mass) - (each * each)));
    }
}
