namespace GlifMl.Simulation;

/// <summary>Independent random points.</summary>
internal sealed class UniformDesign(IReadOnlyList<ParameterRange> ranges, ulong seed) : RangeDesign(ranges)
{
    public override long? Count => null;

    private protected override void FillUnit(long index, Span<double> unit)
    {
        var random = new SeededRandom(seed, RandomStreams.UniformDesign, index);
        for (var key = 0; key < unit.Length; key++)
            unit[key] = random.NextDouble();
    }
}
