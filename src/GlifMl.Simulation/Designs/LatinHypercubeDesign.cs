namespace GlifMl.Simulation;

/// <summary>A Latin hypercube: a random permutation of the strata for each parameter, a random place in each stratum.</summary>
internal sealed class LatinHypercubeDesign : RangeDesign
{
    private readonly int _count;
    private readonly ulong _seed;
    private readonly int[][] _strata;

    public LatinHypercubeDesign(IReadOnlyList<ParameterRange> ranges, int count, ulong seed)
        : base(ranges)
    {
        if (count < 1)
            throw new ArgumentException($"Latin hypercube: found {count} points, expected at least one");
        (_count, _seed) = (count, seed);
        _strata = [.. Keys.Select((_, key) => new SeededRandom(seed, RandomStreams.LatinHypercubeStrata, key).NextPermutation(count))];
    }

    public override long? Count => _count;

    private protected override void FillUnit(long index, Span<double> unit)
    {
        var random = new SeededRandom(_seed, RandomStreams.LatinHypercubePlaces, index);
        for (var key = 0; key < unit.Length; key++)
            unit[key] = (_strata[key][index] + random.NextDouble()) / _count;
    }
}
