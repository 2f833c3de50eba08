namespace GlifMl.Simulation;

/// <summary>A design that spreads points of the unit cube over ranges.</summary>
internal abstract class RangeDesign : ParameterDesign
{
    private readonly ParameterRange[] _ranges;

    protected RangeDesign(IReadOnlyList<ParameterRange> ranges)
        : base(ranges.Select(range => range.Key))
    {
        foreach (var range in ranges)
            range.Validate();
        _ranges = [.. ranges];
    }

    private protected sealed override void FillCore(long index, Span<double> point)
    {
        FillUnit(index, point);
        for (var key = 0; key < point.Length; key++)
            point[key] = _ranges[key].At(point[key]);
    }

    /// <summary>Fills in a point of the unit cube.</summary>
    private protected abstract void FillUnit(long index, Span<double> unit);
}
