using CsCheck;
using GlifMl.Onnx;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;

namespace GlifMl.Tests.Torch.Posteriors;

public sealed class MixtureHeadTests
{
    private static readonly Gen<(MixtureHead Head, float[] Raw, float[] Label)> Cases = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.UInt)
        .Select(
            (components, targets, seed) =>
            {
                var random = new Random((int)(seed >> 1));
                var head = Head(components, targets);
                float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(2 * (random.NextDouble() - 0.5)))];
                return (head, Normal(head.RawSize), Normal(targets));
            }
        );

    [Fact]
    public void Loss_OfAnyMixture_IsTheDensityOfWhatIsRead() =>
        Cases.Sample(
            c =>
            {
                double[] label = [.. c.Label.Select(x => (double)x)];
                var scale = c.Head.LabelDeviations.Sum(Math.Log);
                return Math.Abs(-c.Head.Read(c.Raw).LogDensity(label) - scale - new MixtureLikelihood(c.Head).Loss(c.Raw, c.Label, []))
                    < 1e-6;
            },
            iter: 200
        );

    [Fact]
    public void Loss_OfAnyMixture_HasTheGradientThatDifferencesGive() =>
        Cases.Sample(
            c =>
            {
                var gradient = new float[c.Raw.Length];
                new MixtureLikelihood(c.Head).Loss(c.Raw, c.Label, gradient);
                for (var i = 0; i < gradient.Length; i++)
                {
                    const float Step = 1e-3f;
                    var (above, below) = ((float[])c.Raw.Clone(), (float[])c.Raw.Clone());
                    (above[i], below[i]) = (c.Raw[i] + Step, c.Raw[i] - Step);
                    var width = (double)above[i] - below[i];
                    var expected =
                        (new MixtureLikelihood(c.Head).Loss(above, c.Label, []) - new MixtureLikelihood(c.Head).Loss(below, c.Label, []))
                        / width;
                    Assert.True(
                        Math.Abs(expected - gradient[i]) < 1e-3 * (1 + Math.Abs(expected)),
                        $"raw number {i}: expected {expected}, found {gradient[i]}"
                    );
                }
            },
            iter: 50
        );

    [Fact]
    public void Loss_WithTheMeansDistance_AddsItsGradient() =>
        Cases.Sample(
            c =>
            {
                var (with, without) = (new float[c.Raw.Length], new float[c.Raw.Length]);
                new MixtureLikelihood(c.Head).Loss(c.Raw, c.Label, with, meanWeight: 2);
                new MixtureLikelihood(c.Head).Loss(c.Raw, c.Label, without);
                double Distance(float[] raw)
                {
                    var mixture = c.Head.Read(raw);
                    return Enumerable
                        .Range(0, c.Label.Length)
                        .Sum(i => Math.Pow((mixture.Mean(i) - c.Label[i]) / c.Head.LabelDeviations[i], 2));
                }

                for (var i = 0; i < with.Length; i++)
                {
                    const float Step = 1e-3f;
                    var (above, below) = ((float[])c.Raw.Clone(), (float[])c.Raw.Clone());
                    (above[i], below[i]) = (c.Raw[i] + Step, c.Raw[i] - Step);
                    var expected = 2 * (Distance(above) - Distance(below)) / ((double)above[i] - below[i]);
                    Assert.Equal(expected, (double)with[i] - without[i], 2e-3 * (1 + Math.Abs(expected) + Math.Abs(without[i])));
                }
            },
            iter: 50
        );

    // What a network may give at its worst, and a label a thousand deviations off.
    [Theory]
    [InlineData(1e6f)]
    [InlineData(-1e6f)]
    [InlineData(1e20f)]
    public void Loss_OfWildNumbers_IsFinite(float size)
    {
        var head = Head(3, 5);
        var raw = new float[head.RawSize];
        for (var i = 0; i < raw.Length; i++)
            raw[i] = i % 2 == 0 ? size : -0.5f * size;
        var gradient = new float[raw.Length];
        Assert.True(double.IsFinite(new MixtureLikelihood(head).Loss(raw, [1000, -1000, 0, 3, 5], gradient)));
        Assert.All(gradient, derivative => Assert.True(float.IsFinite(derivative)));
    }

    // One label that is cut off: the mixture's density over the mass between its ends, nothing less.
    [Fact]
    public void Loss_WithTheEndsOfOneLabel_IsTheDensityOfWhatIsLeftBetween() =>
        Cases.Sample(
            c =>
            {
                var (scale, mean) = (c.Head.LabelDeviations[0], c.Head.LabelMeans[0]);
                (double, double)?[] ends =
                [
                    (mean - (1.5 * scale), mean + (1.2 * scale)),
                    .. Enumerable.Repeat(((double, double)?)null, c.Label.Length - 1),
                ];
                var cut = new MixtureHead(c.Head.Shape, c.Head.LabelMeans, c.Head.LabelDeviations, ends);
                var marginal = cut.Read(c.Raw).Marginal(0);
                var mass = marginal.Cdf(mean + (1.2 * scale)) - marginal.Cdf(mean - (1.5 * scale));
                var whole = new MixtureLikelihood(c.Head).Loss(c.Raw, c.Label, []);
                Assert.Equal(whole + Math.Log(mass), new MixtureLikelihood(cut).Loss(c.Raw, c.Label, []), 1e-5);
            },
            iter: 200
        );

    [Fact]
    public void Loss_WithEnds_HasTheGradientThatDifferencesGive() =>
        Cases.Sample(
            c =>
            {
                (double, double)?[] ends =
                [
                    .. c.Label.Select((_, i) => i == 1 ? ((double, double)?)null : (-2 - (0.1 * i), 1.8 + (0.2 * i))),
                ];
                var labels = ends.Select((e, i) => e is { } x ? (Label(x.Item1, i), Label(x.Item2, i)) : ((double, double)?)null);
                var cut = new MixtureHead(c.Head.Shape, c.Head.LabelMeans, c.Head.LabelDeviations, [.. labels]);
                var likelihood = new MixtureLikelihood(cut);
                var gradient = new float[c.Raw.Length];
                likelihood.Loss(c.Raw, c.Label, gradient, meanWeight: 2);
                for (var i = 0; i < gradient.Length; i++)
                {
                    const float Step = 2e-3f;
                    var (above, below) = ((float[])c.Raw.Clone(), (float[])c.Raw.Clone());
                    (above[i], below[i]) = (c.Raw[i] + Step, c.Raw[i] - Step);
                    // Which label has the least within may change between the two: the loss has an edge there.
                    if (Least(above) != Least(below))
                        continue;
                    var expected = (Loss(above) - Loss(below)) / ((double)above[i] - below[i]);
                    Assert.Equal(expected, gradient[i], 3e-3 * (1 + Math.Abs(expected)));
                }

                double Loss(float[] raw)
                {
                    var mixture = cut.Read(raw);
                    var distances = c.Label.Select((label, i) => Math.Pow((Mean(mixture, i) - label) / cut.LabelDeviations[i], 2));
                    return likelihood.Loss(raw, c.Label, []) + (2 * distances.Sum());
                }

                int Least(float[] raw)
                {
                    var mixture = cut.Read(raw);
                    return Enumerable.Range(0, c.Label.Length).MinBy(i => ends[i] is null ? 1 : Mass(mixture, i));
                }

                // Simpson's rule: MixtureMarginal moves centres that are far beyond an end, which training does not.
                double Mean(GaussianMixture mixture, int i)
                {
                    if (ends[i] is not { } e)
                        return mixture.Mean(i);
                    const int Steps = 200;
                    var whole = mixture.Marginal(i);
                    var (from, to) = (Label(e.Item1, i), Label(e.Item2, i));
                    var sum = 0.0;
                    for (var n = 0; n <= Steps; n++)
                    {
                        var x = from + ((to - from) * n / Steps);
                        sum += (n is 0 or Steps ? 1 : 2 + (2 * (n % 2))) * x * Math.Exp(whole.LogDensity(x));
                    }

                    return sum * (to - from) / (3 * Steps) / Mass(mixture, i);
                }

                double Mass(GaussianMixture mixture, int i)
                {
                    var whole = mixture.Marginal(i);
                    return whole.Cdf(Label(ends[i]!.Value.Item2, i)) - whole.Cdf(Label(ends[i]!.Value.Item1, i));
                }

                double Label(double end, int i) => c.Head.LabelMeans[i] + (end * c.Head.LabelDeviations[i]);
            },
            iter: 50
        );

    [Fact]
    public void Graph_OfAnyMixture_ReadsWhatTheHeadReads() =>
        Cases.Sample(
            c =>
            {
                var graph = new OnnxGraph();
                var score = c.Head.Add(graph, graph.Input("Raw", OnnxElementType.Single, "N", c.Raw.Length)).ToScore();
                graph.Output("Score", score.Name, "N", score.Size);
                var expected = new float[c.Head.Shape.Size];
                c.Head.Read(c.Raw, expected);
                var actual = TinyTraces.Run(graph.ToBytes(), "Raw", "Score", c.Raw, 1, c.Raw.Length);
                TinyTraces.AssertClose(expected, actual, 2e-5);
            },
            iter: 40,
            threads: 1
        );

    private static MixtureHead Head(int components, int targets) =>
        new(
            new MixtureShape(components, targets),
            [.. Enumerable.Range(0, targets).Select(i => 0.1 * i)],
            [.. Enumerable.Range(0, targets).Select(i => 1 + (0.2 * i))]
        );
}
