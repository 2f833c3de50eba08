namespace GlifMl.Onnx;

/// <summary>The standard normal distribution, in double precision.</summary>
internal static class NormalDistribution
{
    /// <summary>log(sqrt(2 pi)).</summary>
    public const double LogRoot = 0.918938533204672741780329736406;

    // Nearer to each other two probabilities have no digits left that differ.
    private const double Narrow = 1e-6;

    // Beyond it the series needs many terms, and the continued fraction few.
    private const double Far = 3;

    /// <summary>The probability below x, exact to about 1e-15.</summary>
    public static double Cdf(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (Math.Abs(x) > Far)
            return x > 0 ? 1 - Tail(x) : Tail(-x);
        // Abramowitz and Stegun 26.2.11: x + x^3/3 + x^5/(3 5) + ..., all of one sign.
        var (term, sum) = (x, x);
        for (var n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
            sum += term *= x * x / n;
        return 0.5 + (sum * Density(x));
    }

    /// <summary>The probability below x, exact to 1e-7, and the density there: Abramowitz and Stegun 26.2.17.</summary>
    public static (double Probability, double Density) RoughCdf(double x)
    {
        var density = Density(x);
        var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
        var above = density * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return (x > 0 ? 1 - above : above, density);
    }

    /// <summary>The probability between two values; it keeps its digits at the ends, and between values that are close.</summary>
    /// <param name="low">The smaller one.</param>
    /// <param name="high">The larger one.</param>
    public static double Between(double low, double high) =>
        high - low < Narrow ? (high - low) * Density(0.5 * (low + high))
        : low > 0 ? Cdf(-low) - Cdf(-high)
        : Cdf(high) - Cdf(low);

    /// <summary>The density at x.</summary>
    public static double Density(double x) => Math.Exp((-0.5 * x * x) - LogRoot);

    /// <summary>The x below which a probability lies.</summary>
    /// <param name="probability">Above 0 and below 1.</param>
    public static double Quantile(double probability)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(probability, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        if (probability > 0.5)
            return -Quantile(1 - probability);
        // Abramowitz and Stegun 26.2.23 gives three digits, and each of Newton's steps doubles them.
        var t = Math.Sqrt(-2 * Math.Log(probability));
        var x = -(t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))));
        for (var i = 0; i < 4; i++)
            x -= (Cdf(x) - probability) / Density(x);
        return x;
    }

    // Abramowitz and Stegun 26.2.14, Laplace's continued fraction, from its far end.
    private static double Tail(double x)
    {
        var fraction = x;
        for (var n = 60; n >= 1; n--)
            fraction = x + (n / fraction);
        return Density(x) / fraction;
    }
}
