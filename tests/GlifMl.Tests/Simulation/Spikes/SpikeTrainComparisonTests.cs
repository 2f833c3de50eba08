using CsCheck;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class SpikeTrainComparisonTests
{
    [Fact]
    public void ExplainedVariance_SameTrain_IsOne() =>
        Assert.Equal(1, SpikeTrainComparison.ExplainedVariance([0.2, 0.5, 0.9], [0.2, 0.5, 0.9], 1)!.Value, 1e-12);

    // Two Gaussians a lag d apart have covariance proportional to exp(-d^2 / (4 sigma^2)); over a long duration their means do not matter,
    // and (var a + var b - var(a - b)) / (var a + var b) is that factor.
    [Theory]
    [InlineData(0.005)]
    [InlineData(0.01)]
    [InlineData(0.02)]
    [InlineData(0.03)]
    public void ExplainedVariance_OneSpikeEach_FallsAsAGaussianOfTheLag(double lag)
    {
        const double Sigma = SpikeTrainComparison.PaperSigmaSeconds;
        var expected = Math.Exp(-lag * lag / (4 * Sigma * Sigma));
        // The mean of a train of one spike in 1,000 s moves the ratio by sigma sqrt(4 pi) / 1,000 s.
        Assert.Equal(expected, SpikeTrainComparison.ExplainedVariance([500.0005], [500.0005 + lag], 1000)!.Value, 1e-4);
    }

    [Fact]
    public void ExplainedVariance_OneSilentTrain_IsZero() =>
        Assert.Equal(0, SpikeTrainComparison.ExplainedVariance([0.5], [], 1)!.Value, 1e-12);

    [Fact]
    public void ExplainedVariance_BothSilent_IsUndefined() => Assert.Null(SpikeTrainComparison.ExplainedVariance([], [], 1));

    [Fact]
    public void ExplainedVariance_AnyTrains_IsSymmetricAndAtMostOne() =>
        Gen.Select(Gen.Double[0, 2].List[1, 20], Gen.Double[0, 2].List[1, 20])
            .Sample(
                (a, b) =>
                {
                    var ev = SpikeTrainComparison.ExplainedVariance(a, b, 2)!.Value;
                    Assert.Equal(ev, SpikeTrainComparison.ExplainedVariance(b, a, 2)!.Value, 1e-9);
                    Assert.True(ev <= 1 + 1e-12);
                },
                iter: 50
            );

    [Fact]
    public void ExplainedVarianceRatio_ModelIsTheOnlyRepeat_IsOne() =>
        Assert.Equal(
            1,
            SpikeTrainComparison
                .ExplainedVarianceRatio(
                    [0.2, 0.7],
                    [
                        [0.2, 0.7],
                    ],
                    1
                )!
                .Value,
            1e-12
        );

    [Fact]
    public void ExplainedVarianceRatio_ReliableCell_IsTheExplainedVarianceItself()
    {
        double[] model = [0.21, 0.7],
            repeat = [0.2, 0.72];
        Assert.Equal(
            SpikeTrainComparison.ExplainedVariance(model, repeat, 1)!.Value,
            SpikeTrainComparison.ExplainedVarianceRatio(model, [repeat, repeat, repeat], 1)!.Value,
            1e-12
        );
    }

    // Two disjoint repeats a and b of equal variance v and no covariance: their average m has variance v / 2 and covariance v / 2 with
    // each, so EV(m, a) = 2 (v / 2) / (3 v / 2) = 2 / 3; a model equal to one of them scores (1 + 0) / 2 over that.
    [Fact]
    public void ExplainedVarianceRatio_DisjointRepeats_MatchesClosedForm() =>
        Assert.Equal(
            0.75,
            SpikeTrainComparison
                .ExplainedVarianceRatio(
                    [300.0005],
                    [
                        [300.0005],
                        [700.0005],
                    ],
                    1000
                )!
                .Value,
            1e-3
        );

    [Fact]
    public void ExplainedVarianceRatio_NoRepeat_IsRefused() =>
        Assert.StartsWith(
            "repeats: found none; expected at least one",
            Assert.Throws<ArgumentException>(() => SpikeTrainComparison.ExplainedVarianceRatio([1], [], 2)).Message,
            StringComparison.Ordinal
        );
}
