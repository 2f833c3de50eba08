namespace GlifMl.Simulation;

/// <summary>Every combination of listed values; the last key changes fastest.</summary>
internal sealed class GridDesign : ParameterDesign
{
    private readonly double[][] _values;

    public GridDesign(IReadOnlyList<KeyValuePair<string, double[]>> values)
        : base(values.Select(pair => pair.Key))
    {
        foreach (var (key, list) in values)
        {
            if (list.Length == 0)
                throw new ArgumentException($"grid of {key}: found no values, expected at least one");
        }
        _values = [.. values.Select(pair => (double[])pair.Value.Clone())];
        Count = _values.Aggregate(1L, (product, list) => checked(product * list.Length));
    }

    public override long? Count { get; }

    private protected override void FillCore(long index, Span<double> point)
    {
        for (var key = _values.Length - 1; key >= 0; key--)
        {
            (index, var digit) = Math.DivRem(index, _values[key].Length);
            point[key] = _values[key][digit];
        }
    }
}
