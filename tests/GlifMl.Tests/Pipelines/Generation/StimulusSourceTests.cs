using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class StimulusSourceTests
{
    private const double Dt = 1e-4;
    private static readonly StimulusDefinition Drawn = new()
    {
        Name = "noise",
        Seed = StimulusSeed.PerTrace,
        MeanPicoamperes = new()
        {
            Min = 60,
            Max = 500,
            Scale = RangeScale.Log,
        },
    };

    [Fact]
    public void Of_FixedStimulus_IsOneForAllTraces()
    {
        var source = Source(new() { Name = "noise", Seed = StimulusSeed.Of(4) });
        Assert.Single(source.Fixed);
        Assert.Equal((0, 0), (source.Id(0), source.Id(7)));
        Assert.Same(source.Of(0), source.Of(7));
    }

    [Fact]
    public void Of_SeedPerTrace_GivesEachTraceItsWaveformAgainAndAgain()
    {
        Assert.Equal(7, Source(Drawn).Id(7));
        Assert.NotEqual(Sample(Drawn, 0), Sample(Drawn, 7));
        Assert.Equal(Sample(Drawn, 7), Sample(Drawn, 7));
    }

    [Fact]
    public void Of_AnotherSplitOrSeed_DrawsOtherWaveforms()
    {
        Assert.NotEqual(Sample(Drawn, 0), Sample(Drawn, 0, split: "test"));
        Assert.NotEqual(Sample(Drawn, 0), Sample(Drawn, 0, seed: 2));
    }

    [Fact]
    public void Of_OneMoreOption_LeavesTheOtherDrawsAlone()
    {
        // At CV 0 a trace is its mean alone: the same mean, whether the CV and the amplitude were options or not.
        var plain = Drawn with
        {
            CoefficientOfVariation = NumberRange.Fixed(0),
        };
        var more = plain with
        {
            AmplitudePicoamperes = new() { Min = 1, Max = 2 },
            RheobasePicoamperes = new() { Min = 100, Max = 200 },
            DurationSeconds = NumberRange.Fixed(10),
        };
        Assert.Equal(Sample(plain, 3), Sample(more, 3));
        Assert.NotEqual(Sample(plain, 3), Sample(plain, 4));
    }

    [Fact]
    public void Of_DrawnMeans_LieInTheRangeEvenlyByRatio()
    {
        var flat = Drawn with { CoefficientOfVariation = NumberRange.Fixed(0) };
        var means = Enumerable.Range(0, 400).Select(trace => Sample(flat, trace)[^1] * 1e12).ToArray();
        Assert.All(means, mean => Assert.InRange(mean, 60, 500));
        // Half of a log-uniform range lies below its geometric mean; 400 draws are within 4 standard deviations (10 each) of 200.
        Assert.InRange(means.Count(mean => mean < Math.Sqrt(60 * 500)), 160, 240);
    }

    [Fact]
    public void Of_Mixture_DrawsEachAsOftenByTraceAloneAndNumbersWaveforms()
    {
        // Three of four traces have a waveform of their own or share square's, which stands in the list twice and is one waveform.
        StimulusDefinition square = new() { Name = "square" },
            ramp = new() { Name = "steep-ramp", AmplitudePicoamperes = NumberRange.Fixed(90) };
        StimulusMixture mixture = new([Drawn, square, ramp, square]);
        StimulusSource source = new(mixture, 1, "train", Dt),
            again = new(mixture, 1, "train", Dt);
        var ids = Enumerable.Range(0, 800).Select(trace => source.Id(trace)).ToArray();
        Assert.Equal(ids, Enumerable.Range(0, 800).Reverse().Select(trace => again.Id(trace)).Reverse());
        // 200 each of 800 equally likely draws, within 5 standard deviations of 12.2.
        Assert.InRange(ids.Count(id => id == 0), 400 - 71, 400 + 71);
        Assert.InRange(ids.Count(id => id == 1), 139, 261);
        Assert.Equal(ids.Count(id => id > 1), ids.Where(id => id > 1).Distinct().Count());
        foreach (var trace in new[] { 0, 1, 2, 3, 4, 5, 6, 7 })
        {
            Assert.Equal(ids[trace] > 1 ? trace + 2 : ids[trace], ids[trace]);
            var amperes = new double[500];
            source.Of(trace).Sample(Dt, amperes);
            Assert.Equal(
                Sample(
                    ids[trace] switch
                    {
                        0 => square,
                        1 => ramp,
                        _ => Drawn,
                    },
                    trace
                ),
                amperes
            );
        }

        Assert.NotEqual(ids, Enumerable.Range(0, 800).Select(trace => new StimulusSource(mixture, 1, "test", Dt).Id(trace)));
    }

    [Fact]
    public void Of_MixtureOfOne_IsThatStimulus()
    {
        StimulusSource one = new(new StimulusMixture([Drawn]), 1, "train", Dt),
            plain = Source(Drawn);
        Assert.Equal(plain.Id(7), one.Id(7));
        Assert.True(new StimulusMixture([Drawn]).Equals(Drawn));
    }

    private static StimulusSource Source(StimulusDefinition definition, int seed = 1, string split = "train") =>
        new(definition, seed, split, Dt);

    private static double[] Sample(StimulusDefinition definition, long trace, int seed = 1, string split = "train")
    {
        var amperes = new double[500];
        Source(definition, seed, split).Of(trace).Sample(Dt, amperes);
        return amperes;
    }
}
