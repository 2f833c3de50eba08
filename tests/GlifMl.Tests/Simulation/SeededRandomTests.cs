using CsCheck;
using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class SeededRandomTests
{
    // Known answers of Salmon et al.'s Random123 (kat_vectors, philox4x32 10).
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000", 0u, 0u, "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff", 0xffffffffu, 0xffffffffu, "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344", 0xa4093822u, 0x299f31d0u, "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Philox_PublishedCounters_GivePublishedWords(string counter, uint key0, uint key1, string expected)
    {
        var words = counter.Split(' ').Select(word => Convert.ToUInt32(word, 16)).ToArray();
        SeededRandom.Philox(words, key0, key1);
        Assert.Equal(expected, string.Join(' ', words.Select(word => word.ToString("x8"))));
    }

    [Fact]
    public void NextUInt64_OtherSeedStreamOrIndex_GivesOtherNumbers()
    {
        var draws = new[]
        {
            new SeededRandom(1, "a"),
            new(2, "a"),
            new(1, "b"),
            new(1, "a", 1),
            new(1UL << 32, "a"),
            new(1, "a", 1L << 32),
        }.Select(random => random.NextUInt64());
        Assert.Equal(6, draws.Distinct().Count());
        Assert.Equal(new SeededRandom(1, "a", 9).NextUInt64(), new SeededRandom(1, "a", 9).NextUInt64());
    }

    [Fact]
    public void NextGaussian_ManyDraws_HasMoments0And1()
    {
        var random = new SeededRandom(3, "test");
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.Equal(0, draws.Average(), 0.015);
        Assert.Equal(1, draws.Average(x => x * x), 0.02);
        Assert.Equal(3, draws.Average(x => x * x * x * x), 0.15);
    }

    [Fact]
    public void NextGaussians_AfterAnyDraws_AreThoseOfOneAtATime() =>
        Gen.Select(Gen.ULong, Gen.Long, Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 40].Array[1, 4])
            .Sample(
                (seed, index, integers, gaussians, lengths) =>
                {
                    var (one, many) = (new SeededRandom(seed, "test", index), new SeededRandom(seed, "test", index));
                    foreach (var random in new[] { one, many })
                    {
                        for (var n = 0; n < integers; n++)
                            random.NextUInt64();
                        for (var n = 0; n < gaussians; n++)
                            random.NextGaussian();
                    }
                    foreach (var length in lengths)
                    {
                        var draws = new double[length];
                        many.NextGaussians(draws);
                        Assert.Equal(draws.Select(_ => one.NextGaussian()), draws);
                    }
                    Assert.Equal(one.NextUInt64(), many.NextUInt64());
                }
            );

    [Fact]
    public void NextPermutation_AnySeed_HoldsEachNumberOnce() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 200])
            .Sample(
                (seed, count) => Assert.Equal(Enumerable.Range(0, count), new SeededRandom(seed, "test").NextPermutation(count).Order()),
                iter: 100
            );

    [Fact]
    public void NextBelow_SmallBound_IsUniform()
    {
        var random = new SeededRandom(4, "test");
        var counts = new int[3];
        for (var i = 0; i < 30_000; i++)
            counts[random.NextBelow(3)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_700, 10_300));
    }
}
