using CsCheck;
using GlifMl.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx.Posteriors;

public sealed class GaussianMixtureTests
{
    /// <summary>Mixtures as they come: 1 to 6 Gaussians over 1 to 5 numbers, the first two of which are logarithms.</summary>
    internal static readonly Gen<GaussianMixture> Mixtures = Gen.Select(Gen.Int[1, 6], Gen.Int[1, 5], Gen.UInt)
        .Select((components, targets, seed) => Random(components, targets, (int)(seed >> 1)));

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
                    Enumerable.Range(0, mixture.Dimensions).All(i => Math.Abs(mixture.Cdf(i, mixture.Quantile(i, p)) - p) < 1e-9),
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
            Assert.Equal(mixture.LogDensity(0, x), mixture.LogDensity([x]), 1e-10);
    }

    // To 1e-4 of a deviation; of a quantile the probability may be as near instead, where the density is thin.
    [Fact]
    public void Graph_OfAnyMixture_GivesWhatTheReferenceGives() =>
        Mixtures.Sample(
            mixture =>
            {
                var targets = mixture.Dimensions;
                bool[] logarithmic = [.. Enumerable.Range(0, targets).Select(i => i < 2)];
                double[] scale = [.. Enumerable.Range(0, targets).Select(i => i == 4 ? -0.01 : 0.7)];
                double[] offset = [.. Enumerable.Range(0, targets).Select(i => 1.5 - i)];
                var shape = new MixtureShape(mixture.Weights.Length, targets);
                var score = new float[shape.Size];
                shape.Write(mixture, score);
                var expected = new Posterior(Info(shape, logarithmic), shape.Read(score).Affine(scale, offset));
                var actual = Run(Graph(shape, logarithmic, scale, offset), [.. score, .. score]);
                for (var i = 0; i < targets; i++)
                {
                    var (mean, deviation) = (expected.Means[i], expected.Deviations[i]);
                    Near(mean, actual[0][targets + i], (2e-4 * deviation) + (3e-6 * Math.Abs(mean)), "mean");
                    Near(deviation, actual[1][targets + i], 1e-3 * deviation, "deviation");
                    foreach (var (at, level) in PosteriorInfo.Levels.Index())
                    {
                        var quantile = actual[2][((PosteriorInfo.Levels.Count + at) * targets) + i];
                        var reference = expected.Quantile(i, level);
                        Assert.True(
                            Math.Abs(quantile - reference) < (1e-4 * deviation) + (3e-6 * Math.Abs(reference))
                                || Math.Abs(expected.Probability(i, quantile) - level) < 1e-4,
                            $"quantile {level} of number {i}: expected {reference}, found {quantile}"
                        );
                    }
                }
            },
            iter: 60,
            threads: 1
        );

    [PythonOnnxFact]
    public void Graph_OfMixtures_PassesTheChecker()
    {
        foreach (var components in new[] { 1, 3 })
            PythonOnnxFactAttribute.Check(
                Graph(new MixtureShape(components, 5), [true, false, true, true, true], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0])
            );
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

    private static byte[] Graph(MixtureShape shape, bool[] logarithmic, double[] scale, double[] offset)
    {
        var graph = new OnnxGraph();
        var mixture = MixtureNodes.Read(graph, shape, graph.Input("Score", OnnxElementType.Single, "N", shape.Size)).Affine(scale, offset);
        foreach (
            var (name, value) in new[]
            {
                ("Mean", mixture.Mean(Info(shape, logarithmic))),
                ("Deviation", mixture.Deviation(Info(shape, logarithmic))),
                ("Quantiles", mixture.Quantiles(logarithmic, [.. PosteriorInfo.Levels])),
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
