namespace GlifMl.Simulation;

/// <summary>
/// Points in parameter space by index. Any point can be computed alone, so any shard of a data set can be made alone. Immutable and
/// thread-safe.
/// </summary>
public abstract class ParameterDesign
{
    private protected ParameterDesign(IEnumerable<string> keys)
    {
        Keys = [.. keys];
        if (Keys.Count == 0)
            throw new ArgumentException("parameter design: found no parameters, expected at least one");
        if (Keys.Distinct().Count() != Keys.Count)
        {
            throw new ArgumentException($"parameter design: found {string.Join(", ", Keys)}, expected each parameter once");
        }
    }

    /// <summary>The Allen keys, in the order of a point's values.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>How many points there are; null for a design without end.</summary>
    public abstract long? Count { get; }

    /// <summary>Every combination of the values listed for each key; the last key changes fastest.</summary>
    /// <param name="values">The values of each key, in SI units.</param>
    /// <exception cref="ArgumentException">No key, a key twice, or a key without values.</exception>
    public static ParameterDesign Grid(IReadOnlyList<KeyValuePair<string, double[]>> values) => new GridDesign(values);

    /// <summary>Independent random points.</summary>
    /// <param name="ranges">The range of each key.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentException">No key, a key twice, or an impossible range.</exception>
    public static ParameterDesign Uniform(IReadOnlyList<ParameterRange> ranges, ulong seed) => new UniformDesign(ranges, seed);

    /// <summary>
    /// Sobol's low-discrepancy sequence with the direction numbers of Joe and Kuo 2008 (new-joe-kuo-6), in Gray-code order, up to
    /// 21 parameters and 2^32 points.
    /// </summary>
    /// <param name="ranges">The range of each key.</param>
    /// <param name="seed">Seed of a digital shift, which keeps the low discrepancy. Default null: no shift; point 0 is the low
    /// corner.</param>
    /// <exception cref="ArgumentException">No key, more than 21, a key twice, or an impossible range.</exception>
    public static ParameterDesign Sobol(IReadOnlyList<ParameterRange> ranges, ulong? seed = null) => new SobolDesign(ranges, seed);

    /// <summary>Random points, of which each of <paramref name="count"/> equal strata of each parameter holds exactly one.</summary>
    /// <param name="ranges">The range of each key.</param>
    /// <param name="count">How many points.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentException">No key, a key twice, an impossible range, or no points.</exception>
    public static ParameterDesign LatinHypercube(IReadOnlyList<ParameterRange> ranges, int count, ulong seed) =>
        new LatinHypercubeDesign(ranges, count, seed);

    /// <summary>The values of a point in SI units, in the order of <see cref="Keys"/>.</summary>
    /// <param name="index">Which point, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such point.</exception>
    public double[] Point(long index)
    {
        var point = new double[Keys.Count];
        Fill(index, point);
        return point;
    }

    /// <summary>Fills in the values of a point in SI units, in the order of <see cref="Keys"/>.</summary>
    /// <param name="index">Which point, from 0.</param>
    /// <param name="point">[Keys.Count] receives the values.</param>
    /// <exception cref="ArgumentException">There is no such point, or the span has another length.</exception>
    public void Fill(long index, Span<double> point)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (Count is { } count)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        if (point.Length != Keys.Count)
            throw new ArgumentException($"point: found room for {point.Length} values, expected {Keys.Count}");
        FillCore(index, point);
    }

    private protected abstract void FillCore(long index, Span<double> point);
}
