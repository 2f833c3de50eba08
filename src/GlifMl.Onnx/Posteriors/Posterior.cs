using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using GlifMl.Onnx;

namespace GlifMl;

/// <summary>
/// What a model knows of the parameters behind one trace: a mixture of Gaussians with full covariances, over the parameters or, of those
/// that <see cref="PosteriorInfo.Logarithmic"/> names, their natural logarithms; each parameter cut off at its
/// <see cref="PosteriorInfo.Limits"/>.
/// </summary>
public sealed class Posterior
{
    private readonly PosteriorInfo _info;
    private readonly MixtureMarginal?[] _marginals;
    private readonly Lazy<double[]> _means,
        _deviations,
        _quantiles;

    /// <summary>A posterior of a mixture, in the coordinates of its Gaussians.</summary>
    internal Posterior(PosteriorInfo info, GaussianMixture mixture)
    {
        (_info, Mixture, _marginals) = (info, mixture, new MixtureMarginal?[mixture.Dimensions]);
        var parameters = Enumerable.Range(0, mixture.Dimensions);
        _means = new(() => [.. parameters.Select(Mean)]);
        _deviations = new(() => [.. parameters.Select(Deviation)]);
        _quantiles = new(() => [.. PosteriorInfo.Levels.SelectMany(level => parameters.Select(k => Quantile(k, level)))]);
    }

    /// <summary>A posterior as a model gives it: a row of all its outputs.</summary>
    internal Posterior(OnnxModelInfo info, ReadOnlySpan<float> row)
    {
        _info = info.Posterior!;
        var (count, shape) = (info.Parameters.Count, info.MixtureShape);
        _marginals = new MixtureMarginal?[count];
        var quantiles = count * PosteriorInfo.Levels.Count;
        double[] means = MixtureShape.Doubles(row[..count]),
            deviations = MixtureShape.Doubles(row.Slice(count, count)),
            atLevels = MixtureShape.Doubles(row.Slice(2 * count, quantiles));
        (_means, _deviations, _quantiles) = (new(means), new(deviations), new(atLevels));
        // The score column begins with as many numbers that are not the mixture's own.
        Mixture = shape.Read(row[((2 * count) + quantiles - shape.Targets)..]);
    }

    /// <summary>The mixture, in the coordinates of its Gaussians.</summary>
    internal GaussianMixture Mixture { get; }

    /// <summary>The mean of each parameter, SI units: what the model answers.</summary>
    public IReadOnlyList<double> Means => _means.Value;

    /// <summary>The standard deviation of each parameter, SI units.</summary>
    public IReadOnlyList<double> Deviations => _deviations.Value;

    /// <summary>The quantiles <see cref="PosteriorInfo.Levels"/> of all parameters, SI units, level by level.</summary>
    internal IReadOnlyList<double> Quantiles => _quantiles.Value;

    /// <summary>
    /// How much of each parameter the trace tells: 1 less the posterior's standard deviation over that of the training traces, both of the
    /// logarithm where the Gaussians are over it. 1: all, 0: nothing.
    /// </summary>
    public IReadOnlyList<double> Told =>
        [.. _info.PriorDeviations.Select((prior, i) => Math.Clamp(1 - (Marginal(i).Deviation / prior), 0, 1))];

    /// <summary>The value that a parameter is below with a probability.</summary>
    /// <param name="parameter">The parameter's place in the model's order.</param>
    /// <param name="probability">Above 0 and below 1.</param>
    /// <returns>SI units.</returns>
    public double Quantile(int parameter, double probability) => FromCoordinate(parameter, Marginal(parameter).Quantile(probability));

    /// <summary>The probability that a parameter is below a value.</summary>
    /// <param name="parameter">The parameter's place in the model's order.</param>
    /// <param name="value">SI units.</param>
    public double Probability(int parameter, double value) => Marginal(parameter).Cdf(ToCoordinate(parameter, value));

    /// <summary>Draws parameters.</summary>
    /// <param name="count">How often.</param>
    /// <param name="seed">The same seed draws the same.</param>
    /// <returns>SI units, [draws, parameters].</returns>
    public double[,] Draw(int count, int seed)
    {
        var draws = new double[count, Mixture.Dimensions];
        var random = new Random(seed);
        for (var draw = 0; draw < count; draw++)
        {
            var row = MemoryMarshal.CreateSpan(ref draws[draw, 0], Mixture.Dimensions);
            DrawCoordinates(random, row);
            for (var i = 0; i < row.Length; i++)
                row[i] = FromCoordinate(i, row[i]);
        }

        return draws;
    }

    /// <summary>Draws once, where the Gaussians have the parameters.</summary>
    internal void DrawCoordinates(Random random, Span<double> draw)
    {
        Mixture.Draw(random, draw);
        for (var i = 0; i < draw.Length; i++)
            draw[i] = Marginal(i).Inside(draw[i]);
    }

    /// <summary>The log of a parameter's density at a value, both where the Gaussians have it.</summary>
    internal double LogDensity(int parameter, double coordinate) => Marginal(parameter).LogDensity(coordinate);

    /// <summary>A parameter where the Gaussians have it: its logarithm, or itself.</summary>
    internal double ToCoordinate(int parameter, double value) => _info.ToCoordinate(parameter, value);

    private double FromCoordinate(int parameter, double value) => _info.Logarithmic[parameter] ? Math.Exp(value) : value;

    private MixtureMarginal Marginal(int parameter)
    {
        var (low, high) = _info.Bounds(parameter);
        return _marginals[parameter] ??= Mixture.Marginal(parameter, low, high);
    }

    private double Mean(int parameter) =>
        !_info.Logarithmic[parameter] ? Marginal(parameter).Mean
        : _info.IsLimited(parameter) ? Marginal(parameter).MomentsOfExp.Mean
        : Mixture.Average(parameter, (mean, deviation) => Lognormal(parameter, mean, deviation).Mean);

    private double Deviation(int parameter)
    {
        if (!_info.Logarithmic[parameter])
            return Marginal(parameter).Deviation;
        if (_info.IsLimited(parameter))
            return Math.Sqrt(Marginal(parameter).MomentsOfExp.Variance);
        var mean = Mean(parameter);
        return Math.Sqrt(
            Mixture.Average(
                parameter,
                (m, s) =>
                {
                    var (each, variance) = Lognormal(parameter, m, s);
                    return ((each - mean) * (each - mean)) + variance;
                }
            )
        );
    }

    private (double Mean, double Variance) Lognormal(int parameter, double mean, double deviation)
    {
        var (low, high) = _info.MeanLimits(parameter);
        var variance = Math.Min(deviation * deviation, _info.PriorDeviations[parameter] * _info.PriorDeviations[parameter]);
        var each = Math.Exp(Math.Clamp(mean, low, high) + (0.5 * variance));
        // exp(x) - 1, which loses its digits where x is small.
        var relative = variance < 1e-5 ? variance * (1 + (variance / 2)) : Math.Exp(variance) - 1;
        return (each, each * each * relative);
    }
}

/// <summary>
/// What a model with a posterior says of it. Beside <see cref="OnnxModelInfo.ParametersColumn"/>, the posterior's mean, its graph gives
/// the outputs named here.
/// </summary>
/// <param name="Components">Gaussians of the mixture.</param>
/// <param name="Logarithmic">
/// Of each parameter, whether the Gaussians are over its natural logarithm (of the number of SI units) instead of itself.
/// </param>
/// <param name="PriorMeans">Mean of each over the training traces, of the logarithm where the Gaussians are over it.</param>
/// <param name="PriorDeviations">
/// Standard deviation of each over the training traces, of the logarithm where the Gaussians are over it.
/// </param>
public sealed record PosteriorInfo(
    int Components,
    IReadOnlyList<bool> Logarithmic,
    IReadOnlyList<double> PriorMeans,
    IReadOnlyList<double> PriorDeviations
)
{
    // Beyond lies next to nothing of a prior, but the exp of it would outweigh all else in a mean.
    private const double MostDeviations = 3;

    /// <summary>The standard deviation of each parameter, SI units, <c>[N, parameters]</c>.</summary>
    public const string DeviationsColumn = "ParametersSd";

    /// <summary>The quantiles <see cref="Levels"/> of each parameter, SI units, <c>[N, levels, parameters]</c>.</summary>
    public const string QuantilesColumn = "ParametersQuantiles";

    /// <summary>The weights of the Gaussians, <c>[N, components]</c>; they add up to 1.</summary>
    public const string WeightsColumn = "MixtureWeights";

    /// <summary>The means of the Gaussians, <c>[N, components, parameters]</c>.</summary>
    public const string MeansColumn = "MixtureMeans";

    /// <summary>
    /// Lower-triangular factors of the Gaussians' covariances, <c>[N, components, parameters, parameters]</c>: mean + factor z is a draw
    /// where z is standard normal.
    /// </summary>
    public const string FactorsColumn = "MixtureFactors";

    /// <summary>
    /// Between which values each parameter lies, whatever a trace says: the ranges of the design that the training traces are from, where
    /// it draws each parameter from a range of its own. Means, deviations, quantiles and draws are those of what the Gaussians have there;
    /// one whose centre is farther beyond than two deviations counts as if it were there. Null, for all or for one: nothing is known.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ParameterLimits?>? Limits { get; init; }

    /// <summary>The probabilities of the quantiles: 5, 25, 50, 75 and 95 %.</summary>
    public static IReadOnlyList<double> Levels { get; } = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// <summary>Whether there are limits of a parameter.</summary>
    internal bool IsLimited(int parameter) => Limits?[parameter] is not null;

    /// <summary>The limits of a parameter where the Gaussians have it; infinite where there are none.</summary>
    internal (double Low, double High) Bounds(int parameter) =>
        Limits?[parameter] is { } limits
            ? (ToCoordinate(parameter, limits.Least), ToCoordinate(parameter, limits.Most))
            : (double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>A parameter where the Gaussians have it: its logarithm, or itself.</summary>
    internal double ToCoordinate(int parameter, double value) => Logarithmic[parameter] ? Math.Log(value) : value;

    /// <summary>
    /// Between which values the mean of a Gaussian over a logarithm without limits counts in the parameter's mean and deviation; it counts
    /// as no wider than the prior there. A tail that the prior does not have would else decide both.
    /// </summary>
    internal (double Low, double High) MeanLimits(int parameter) =>
        (
            PriorMeans[parameter] - (MostDeviations * PriorDeviations[parameter]),
            PriorMeans[parameter] + (MostDeviations * PriorDeviations[parameter])
        );

    /// <summary>The outputs that a model with a posterior has beside its parameters, and how many numbers of a row each has.</summary>
    internal static IReadOnlyList<(string Name, int Size)> ColumnsOf(MixtureShape shape) =>
        [
            (DeviationsColumn, shape.Targets),
            (QuantilesColumn, shape.Targets * Levels.Count),
            (WeightsColumn, shape.Components),
            (MeansColumn, shape.MeansSize),
            (FactorsColumn, shape.FactorsSize),
        ];
}
