using CsCheck;
using GlifMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx.Posteriors;

public sealed class GaussianMixtureTests
{
    /// <summary>Mixtures as they come: 1 to 6 Gaussians over 1 to 5 numbers, the first two of which are logarithms.</summary>
    internal static readonly Gen<GaussianMixture> Mixtures = Gen.Select(Gen.Int[1, 6], Gen.Int[1, 5], Gen.UInt)
        .Select((components, targets, seed) => Random(components, targets, (int)(seed >> 1)));

    // The same with limits: those of the first number anywhere among its Gaussians, the third has none.
    private static readonly Gen<(GaussianMixture Mixture, (double Low, double High)[] Bounds)> Limited = Gen.Select(
            Mixtures,
            Gen.Double[-2.5, 1],
            Gen.Double[0.05, 3]
        )
        .Select(
            (mixture, low, width) =>
            {
                (double Low, double High)[] bounds =
                [
                    .. Enumerable
                        .Range(0, mixture.Dimensions)
                        .Select(i => i == 2 ? (double.NegativeInfinity, double.PositiveInfinity) : (low, low + (width * (1 + i)))),
                ];
                return (mixture, bounds);
            }
        );

    internal static GaussianMixture Random(int components, int targets, int seed)
    {
        var random = new Random(seed);
        double[] Uniform(int count, double low, double high) =>
            [.. Enumerable.Range(0, count).Select(_ => low + ((high - low) * random.NextDouble()))];
        var factors = new double[components * targets * targets];
        for (var row = 0; row < components * targets; row++)
        {
            var i = row % targets;
            // Deviations over three decades, and correlations as they come.
            var size = Math.Pow(10, -3 * random.NextDouble());
            for (var j = 0; j < i; j++)
                factors[(row * targets) + j] = size * ((2 * random.NextDouble()) - 1);
            factors[(row * targets) + i] = size * (0.1 + random.NextDouble());
        }

        return new GaussianMixture(Uniform(components, 0.02, 1), Uniform(components * targets, -2, 2), factors);
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746068542949)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(2.999, 0.9986456634662728)]
    [InlineData(3.5, 0.999767370920964)]
    [InlineData(-6, 9.865876450376981e-10)]
    public void Cdf_OfTheNormal_IsTheTabulatedOne(double x, double expected)
    {
        Assert.Equal(expected, NormalDistribution.Cdf(x), 1e-13 + (1e-12 * expected));
        Assert.Equal(x, NormalDistribution.Quantile(NormalDistribution.Cdf(x)), 1e-9);
    }

    [Fact]
    public void Quantile_OfAnyMixture_IsTheInverseOfItsCdf() =>
        Gen.Select(Mixtures, Gen.Double[0.001, 0.999])
            .Sample(
                (mixture, p) =>
                    Enumerable
                        .Range(0, mixture.Dimensions)
                        .All(i => Math.Abs(mixture.Marginal(i).Cdf(mixture.Marginal(i).Quantile(p)) - p) < 1e-9),
                iter: 300
            );

    [Fact]
    public void Draw_ManyTimes_HasTheMixturesMeanDeviationAndCorrelation()
    {
        var mixture = Random(3, 3, seed: 5);
        var random = new Random(1);
        const int Count = 200_000;
        var (draw, sums, products) = (new double[3], new double[3], new double[9]);
        for (var n = 0; n < Count; n++)
        {
            mixture.Draw(random, draw);
            for (var i = 0; i < 3; i++)
            {
                sums[i] += draw[i] / Count;
                for (var j = 0; j < 3; j++)
                    products[(i * 3) + j] += draw[i] * draw[j] / Count;
            }
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(mixture.Mean(i), sums[i], 0.01);
            Assert.Equal(mixture.Deviation(i), Math.Sqrt(products[(i * 3) + i] - (sums[i] * sums[i])), 0.01);
            for (var j = 0; j < i; j++)
                Assert.Equal(SecondMoment(mixture, i, j), products[(i * 3) + j], 0.02);
        }
    }

    [Fact]
    public void LogDensity_OfOneNumber_IsTheMarginals()
    {
        var mixture = Random(4, 1, seed: 3);
        foreach (var x in new[] { -1.5, 0, 0.3, 2 })
            Assert.Equal(mixture.Marginal(0).LogDensity(x), mixture.LogDensity([x]), 1e-10);
    }

    // However its components lie: what is spread over them becomes narrower with them.
    [Fact]
    public void Widened_AnyMixture_HasItsQuantilesFartherFromTheMean()
    {
        var mixture = Random(4, 2, seed: 5);
        var widened = mixture.Widened(0.1, 3);
        foreach (var (i, factor) in new[] { (0, 0.1), (1, 3.0) })
        {
            var (before, after) = (mixture.Marginal(i), widened.Marginal(i));
            Assert.Equal(mixture.Mean(i), widened.Mean(i), 1e-12);
            foreach (var p in new[] { 0.05, 0.5, 0.9 })
            {
                Assert.Equal(factor * (before.Quantile(p) - mixture.Mean(i)), after.Quantile(p) - mixture.Mean(i), 1e-9);
                Assert.Equal(after.Quantile(p), before.Widened(factor).Quantile(p), 1e-9);
            }
        }
    }

    [Fact]
    public void Marginal_CutOff_HasTheMomentsOfWhatIsLeft() =>
        Limited.Sample(
            c =>
            {
                var (low, high) = c.Bounds[0];
                var marginal = c.Mixture.Marginal(0, low, high);
                // Simpson's rule over the density, from the limits or far enough. Variances are about the mean: squares less a square
                // lose digits.
                const int Steps = 100_000;
                var (from, to) = (Math.Max(low, -12), Math.Min(high, 12));
                double[] xs = [.. Enumerable.Range(0, Steps + 1).Select(n => from + ((to - from) * n / Steps))];
                double[] weights =
                [
                    .. xs.Select(
                        (x, n) =>
                            (
                                n is 0 or Steps ? 1
                                : n % 2 == 0 ? 2
                                : 4
                            )
                            * (to - from)
                            / (3 * Steps)
                            * Math.Exp(marginal.LogDensity(x))
                    ),
                ];
                double Over(Func<double, double> value) => xs.Zip(weights, (x, weight) => weight * value(x)).Sum();

                Assert.Equal(1, Over(_ => 1), 1e-6);
                var (mean, meanOfExp) = (Over(x => x), Over(Math.Exp));
                Assert.Equal(mean, marginal.Mean, 1e-6);
                Assert.Equal(Math.Sqrt(Over(x => (x - mean) * (x - mean))), marginal.Deviation, 1e-4);
                Assert.Equal(meanOfExp, marginal.MomentsOfExp.Mean, 1e-5 * meanOfExp);
                var deviation = Math.Sqrt(Over(x => (Math.Exp(x) - meanOfExp) * (Math.Exp(x) - meanOfExp)));
                Assert.Equal(deviation, Math.Sqrt(marginal.MomentsOfExp.Variance), 1e-3 * deviation);
                foreach (var p in PosteriorInfo.Levels)
                    Assert.Equal(p, marginal.Cdf(marginal.Quantile(p)), 1e-9);
            },
            iter: 12,
            threads: 1
        );

    [Fact]
    public void Draw_OfAPosteriorWithLimits_StaysWithinAndIsDistributedAsItSays() =>
        Limited.Sample(
            c =>
            {
                var info = Info(c.Mixture.Weights.Length, c.Bounds);
                var draws = new Posterior(info, c.Mixture).Draw(4000, seed: 1);
                var posterior = new Posterior(info, c.Mixture);
                for (var i = 0; i < c.Mixture.Dimensions; i++)
                {
                    double[] values = [.. Enumerable.Range(0, draws.GetLength(0)).Select(n => draws[n, i])];
                    var (low, high) = info.Limits![i] is { } limits
                        ? (limits.Least, limits.Most)
                        : (double.NegativeInfinity, double.PositiveInfinity);
                    Assert.All(
                        values,
                        value => Assert.InRange(value, low * (1 - (1e-12 * Math.Sign(low))), high * (1 + (1e-12 * Math.Sign(high))))
                    );
                    // Four deviations of a share of 4,000.
                    foreach (var p in PosteriorInfo.Levels)
                        Assert.Equal(
                            p,
                            values.Count(value => value < posterior.Quantile(i, p)) / 4000.0,
                            4 * Math.Sqrt(p * (1 - p) / 4000)
                        );
                }
            },
            iter: 8,
            threads: 1
        );

    // To 1e-4 of a deviation; of a quantile the probability may be as near instead, where the density is thin.
    [Fact]
    public void Graph_OfAnyMixtureWithLimits_GivesWhatTheReferenceGives() =>
        Limited.Sample(
            c =>
            {
                var info = Info(c.Mixture.Weights.Length, c.Bounds);
                var ones = Enumerable.Repeat(1.0, c.Mixture.Dimensions).ToArray();
                // Limits are rounded to single precision, a thousandth of the narrowest Gaussian's deviation.
                Agree(info, c.Mixture, ones, new double[ones.Length], share: 2e-3);
            },
            iter: 60,
            threads: 1
        );

    // A trace that tells nothing: Gaussians a hundred times as wide as what is left of them, with centres where exp has no digits.
    [Fact]
    public void Graph_OfVeryWideGaussiansWithLimits_StaysWithinAndGivesWhatTheReferenceGives() =>
        Limited.Sample(
            c =>
            {
                var wide = new GaussianMixture(c.Mixture.Weights, c.Mixture.Means, [.. c.Mixture.Factors.Select(factor => 100 * factor)]);
                var info = Info(wide.Weights.Length, c.Bounds);
                var posterior = new Posterior(info, wide);
                for (var i = 0; i < Math.Min(2, wide.Dimensions); i++)
                {
                    var (low, high) = c.Bounds[i];
                    var marginal = wide.Marginal(i, low, high);
                    double[] xs = [.. Enumerable.Range(0, 2001).Select(n => low + ((high - low) * n / 2000))];
                    double Over(Func<double, double> value) =>
                        xs.Select((x, n) => (n is 0 or 2000 ? 1 : 2 + (2 * (n % 2))) * value(x) * Math.Exp(marginal.LogDensity(x))).Sum();
                    Assert.Equal(Over(Math.Exp) / Over(_ => 1), posterior.Means[i], 1e-3 * Math.Exp(high));
                    Assert.InRange(posterior.Means[i], Math.Exp(low), Math.Exp(high));
                }

                Agree(info, wide, [.. Enumerable.Repeat(1.0, wide.Dimensions)], new double[wide.Dimensions], share: 0.01);
            },
            iter: 40,
            threads: 1
        );

    // The same without limits.
    [Fact]
    public void Graph_OfAnyMixture_GivesWhatTheReferenceGives() =>
        Mixtures.Sample(
            mixture =>
            {
                var targets = mixture.Dimensions;
                bool[] logarithmic = [.. Enumerable.Range(0, targets).Select(i => i < 2)];
                double[] scale = [.. Enumerable.Range(0, targets).Select(i => i == 4 ? -0.01 : 0.7)];
                double[] offset = [.. Enumerable.Range(0, targets).Select(i => 1.5 - i)];
                Agree(Info(new MixtureShape(mixture.Weights.Length, targets), logarithmic), mixture, scale, offset);
            },
            iter: 60,
            threads: 1
        );

    [PythonOnnxFact]
    public void Graph_OfMixtures_PassesTheChecker()
    {
        foreach (var components in new[] { 1, 3 })
            PythonOnnxFactAttribute.Check(
                Graph(
                    new MixtureShape(components, 5),
                    Info(new MixtureShape(components, 5), [true, false, true, true, true]),
                    [1, 1, 1, 1, 1],
                    [0, 0, 0, 0, 0]
                )
            );
    }

    private static void Agree(PosteriorInfo info, GaussianMixture mixture, double[] scale, double[] offset, double share = 2e-4)
    {
        var targets = mixture.Dimensions;
        var shape = new MixtureShape(mixture.Weights.Length, targets);
        var score = new float[shape.Size];
        shape.Write(mixture, score);
        var expected = new Posterior(info, shape.Read(score).Affine(scale, offset));
        var actual = Run(Graph(shape, info, scale, offset), [.. score, .. score]);
        for (var i = 0; i < targets; i++)
        {
            var (mean, deviation) = (expected.Means[i], expected.Deviations[i]);
            Near(mean, actual[0][targets + i], (share * deviation) + (3e-6 * Math.Abs(mean)), "mean");
            Near(deviation, actual[1][targets + i], Math.Max(share, 1e-3) * deviation, "deviation");
            foreach (var (at, level) in PosteriorInfo.Levels.Index())
            {
                var quantile = actual[2][((PosteriorInfo.Levels.Count + at) * targets) + i];
                var reference = expected.Quantile(i, level);
                Assert.True(
                    Math.Abs(quantile - reference) < (0.5 * share * deviation) + (3e-6 * Math.Abs(reference))
                        || Math.Abs(expected.Probability(i, quantile) - level) < 0.5 * share,
                    $"quantile {level} of number {i}: expected {reference}, found {quantile}"
                );
            }
        }
    }

    private static void Near(double expected, double actual, double tolerance, string what) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{what}: expected {expected}, found {actual}");

    private static double SecondMoment(GaussianMixture mixture, int i, int j)
    {
        var (sum, d) = (0.0, mixture.Dimensions);
        for (var k = 0; k < mixture.Weights.Length; k++)
        {
            var (rowI, rowJ) = ((k * d) + i, (k * d) + j);
            var covariance = Enumerable.Range(0, d).Sum(m => mixture.Factors[(rowI * d) + m] * mixture.Factors[(rowJ * d) + m]);
            sum += mixture.Weights[k] * ((mixture.Means[rowI] * mixture.Means[rowJ]) + covariance);
        }

        return sum;
    }

    private static PosteriorInfo Info(MixtureShape shape, bool[] logarithmic) =>
        new(shape.Components, logarithmic, new double[shape.Targets], [.. Enumerable.Repeat(0.8, shape.Targets)]);

    private static PosteriorInfo Info(int components, (double Low, double High)[] bounds)
    {
        bool[] logarithmic = [.. bounds.Select((_, i) => i < 2)];
        return Info(new MixtureShape(components, bounds.Length), logarithmic) with
        {
            Limits =
            [
                .. bounds.Select(
                    (b, i) =>
                        double.IsInfinity(b.Low) ? null
                        : logarithmic[i] ? new ParameterLimits(Math.Exp(b.Low), Math.Exp(b.High))
                        : new ParameterLimits(b.Low, b.High)
                ),
            ],
        };
    }

    private static byte[] Graph(MixtureShape shape, PosteriorInfo info, double[] scale, double[] offset)
    {
        var graph = new OnnxGraph();
        var mixture = MixtureNodes.Read(graph, shape, graph.Input("Score", OnnxElementType.Single, "N", shape.Size)).Affine(scale, offset);
        foreach (
            var (name, value) in new[]
            {
                ("Mean", mixture.Mean(info)),
                ("Deviation", mixture.Deviation(info)),
                ("Quantiles", mixture.Quantiles(info, [.. PosteriorInfo.Levels])),
            }
        )
            graph.Output(name, value.Name, ["N", .. value.Dims]);
        return graph.ToBytes();
    }

    private static float[][] Run(byte[] onnx, float[] scores)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(onnx, settings);
        using var value = OrtValue.CreateTensorValueFromMemory(scores, [2, scores.Length / 2]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["Score"], [value], ["Mean", "Deviation", "Quantiles"]);
        return [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
    }
}
