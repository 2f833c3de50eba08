using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class StimulusTests
{
    [Fact]
    public void Create_EveryName_StartsWithTheTestPulseAndSamplesFinite()
    {
        foreach (var name in StimulusCatalog.Names)
        {
            var amperes = Sample(StimulusCatalog.Create(name), 5e-5, 100_000);
            Assert.All(amperes, value => Assert.True(double.IsFinite(value)));
            var onset = Array.FindIndex(amperes, value => value != 0);
            Assert.True(onset is 0 or 200, $"{name}: {onset}");
            Assert.All(amperes[onset..(onset + 200)], value => Assert.Equal(50e-12, value));
            Assert.NotEqual(50e-12, amperes[onset + 200]);
            Assert.Equal(name, StimulusCatalog.Create(name).Name);
            Assert.NotEmpty(StimulusCatalog.Describe(name));
        }
    }

    [Theory]
    [InlineData(1e-5), InlineData(3e-5), InlineData(5e-6), InlineData(7e-5), InlineData(1e-4), InlineData(1.2345e-5)]
    public void Sample_AnyInterval_PulseLasts10Ms(double dt)
    {
        var amperes = Sample(StimulusCatalog.Create("noise"), dt, 5_000);
        Assert.Equal((int)Math.Ceiling(0.01 / dt - 1e-6), amperes.TakeWhile(value => value == 50e-12).Count());
    }

    [Theory]
    [InlineData("noise-1")]
    [InlineData("noise-2")]
    public void Create_NoiseProtocol_HasThreeEpochsAboutRheobaseWithCv02(string name)
    {
        const double Rate = 20_000;
        var amperes = Sample(StimulusCatalog.Create(name), 1 / Rate, (int)(22 * Rate));
        double[] Epoch(double from, double to) => amperes[(int)Math.Round(from * Rate)..(int)Math.Round(to * Rate)];
        var levels = new[] { 0.75, 1, 1.25 };
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var onset = 2.02 + 8 * epoch;
            var values = Epoch(onset, onset + 3);
            var mean = values.Average();
            Assert.Equal(levels[epoch] * 150e-12, mean, 1e-5 * mean);
            Assert.Equal(0.2, Math.Sqrt(values.Average(x => (x - mean) * (x - mean))) / mean, 1e-5);
            Assert.All(Epoch(onset - 2, onset), value => Assert.Equal(0, value));
            Assert.All(Epoch(onset + 3, Math.Min(22, onset + 5)), value => Assert.Equal(0, value));
            // It repeats each second, to the rounding of times.
            Assert.All(values[..(int)Rate].Zip(values[(int)Rate..]), pair => Assert.Equal(pair.First, pair.Second, 1e-19));
        }
    }

    [Fact]
    public void Create_NoiseProtocols_AreFrozenAndDiffer()
    {
        double[] Noise(string name, ulong? seed) => Sample(StimulusCatalog.Create(name, new StimulusOptions { Seed = seed }), 1e-3, 3_000);
        Assert.Equal(Noise("noise-1", null), Noise("noise-1", null));
        Assert.NotEqual(Noise("noise-1", null), Noise("noise-2", null));
        Assert.Equal(Noise("noise-1", 9), Noise("noise-2", 9));
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(7.3e-5)]
    public void Sample_OfAnyStimulus_IsTheCurrentAtEachTimeToTheBit(double dt)
    {
        foreach (var name in StimulusCatalog.Names)
        {
            var stimulus = StimulusCatalog.Create(name);
            var samples = Sample(stimulus, dt, 25_000);
            Assert.Equal(Enumerable.Range(0, samples.Length).Select(n => stimulus.At(n * dt)), samples);
        }
    }

    [Fact]
    public void PinkNoise_InTheTableOfAnother_IsTheSame()
    {
        var table = new NoiseTable();
        _ = new PinkNoise(1, table);
        var (again, own) = (new PinkNoise(2, table), new PinkNoise(2));
        Assert.Equal(Enumerable.Range(0, 5_000).Select(n => own.At(n * 3e-4)), Enumerable.Range(0, 5_000).Select(n => again.At(n * 3e-4)));
    }

    [Fact]
    public void PinkNoise_AnyTime_IsTheSumOfItsSinesTo2e7()
    {
        // The amplitudes and phases come back from the values themselves by a discrete Fourier transformation.
        var noise = new PinkNoise(42);
        const int N = 512;
        var values = Enumerable.Range(0, N).Select(k => noise.At(k / (double)N)).ToArray();
        var power = Enumerable.Range(1, 100).Sum(f => 0.5 / f);
        var sines = Enumerable
            .Range(1, 100)
            .Select(f =>
            {
                var (sin, cos) = (0.0, 0.0);
                for (var k = 0; k < N; k++)
                {
                    sin += 2.0 / N * values[k] * Math.Sin(2 * Math.PI * f * k / N);
                    cos += 2.0 / N * values[k] * Math.Cos(2 * Math.PI * f * k / N);
                }
                Assert.Equal(1 / Math.Sqrt(f * power), Math.Sqrt(sin * sin + cos * cos), 1e-9);
                return (sin, cos);
            })
            .ToArray();
        for (var i = 0; i < 2_000; i++)
        {
            var t = i * 0.000517 + 0.00003;
            var sum = sines
                .Select((s, j) => s.sin * Math.Sin(2 * Math.PI * (j + 1) * t) + s.cos * Math.Cos(2 * Math.PI * (j + 1) * t))
                .Sum();
            Assert.Equal(sum, noise.At(t), 2e-7);
        }
    }

    [Theory]
    [InlineData(1, 59.4833e-12)]
    [InlineData(2, 86.5326e-12)]
    public void Create_CaseStudyNoise_ReproducesTheStudyAt200kHz(int number, double firstNoiseSample)
    {
        var stimulus = StimulusCatalog.Create($"case-study-noise-{number}");
        var amperes = Sample(stimulus, 5e-6, 53_000);
        Assert.All(amperes[..2_000], value => Assert.Equal(50e-12, value, 1e-24));
        var rows = File.ReadLines(Path.Combine(Neurons.Root, "datasets", "stimuli", $"case-study-noise-{number}.csv"))
            .Skip(3)
            .Select(line => line.Split(',').Select(double.Parse).ToArray())
            .ToArray();
        Assert.Equal(firstNoiseSample, amperes[2_000], 1e-24);
        foreach (var row in rows)
            Assert.Equal(row[1] * 1e-12, amperes[(int)Math.Round(row[0] / 5e-6)], 1e-20);
        // Linear between rows, 20 samples apart.
        Assert.Equal(amperes[2_000] + 0.35 * (amperes[2_020] - amperes[2_000]), amperes[2_007], 1e-20);
        Assert.All(amperes[52_000..], value => Assert.Equal(0, value));
        Assert.Equal(0.26, stimulus.DurationSeconds, 1e-5);
    }

    [Theory]
    [InlineData("long-square", 1.02, 2.02, 290e-12)]
    [InlineData("short-square", 1.02, 1.023, 1800e-12)]
    [InlineData("square-2s-suprathreshold", 1.02, 3.02, 250e-12)]
    [InlineData("square", 0.01, 1.01, 225e-12)]
    [InlineData("case-study-long-square", 0.01, 1.01, -110e-12)]
    public void Create_Square_LastsFromOnsetToEnd(string name, double onset, double end, double amperes)
    {
        var stimulus = StimulusCatalog.Create(name);
        Assert.Equal(amperes, stimulus.At(onset), 1e-24);
        Assert.Equal(amperes, stimulus.At(end - 1e-6), 1e-24);
        Assert.Equal(0, stimulus.At(end));
        Assert.Equal(end, stimulus.DurationSeconds, 1e-12);
    }

    [Theory]
    [InlineData("ramp", 1.02)]
    [InlineData("case-study-ramp", 0.01)]
    public void Create_Ramp_RisesBy25PicoamperesASecondTo800(string name, double onset)
    {
        var stimulus = StimulusCatalog.Create(name);
        Assert.Equal(0, stimulus.At(onset), 1e-24);
        Assert.Equal(100e-12, stimulus.At(onset + 4), 1e-22);
        Assert.Equal(800e-12, stimulus.At(onset + 32 - 1e-8), 1e-18);
        Assert.Equal(0, stimulus.At(onset + 32));
    }

    [Fact]
    public void Create_UnknownName_ListsTheNearest()
    {
        var e = Assert.Throws<ArgumentException>(() => StimulusCatalog.Create("noise1"));
        Assert.Equal("found stimulus 'noise1'; expected a known one: nearest are noise-1, noise, noise-2", e.Message);
    }

    [Fact]
    public void Create_ImpossibleOption_SaysWhatWasFound()
    {
        var e = Assert.Throws<ArgumentException>(() => StimulusCatalog.Create("noise", new StimulusOptions { RheobasePicoamperes = -1 }));
        Assert.Equal("stimulus rheobase: found -1; expected a positive number of pA", e.Message);
    }

    private static double[] Sample(Stimulus stimulus, double dt, int samples)
    {
        var amperes = new double[samples];
        stimulus.Sample(dt, amperes);
        return amperes;
    }
}
