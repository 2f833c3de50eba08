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
            throw new ArgumentException("parameter design: found no parameters; expected at least one");
        if (Keys.Distinct().Count() != Keys.Count)
        {
            throw new ArgumentException($"parameter design: found {string.Join(", ", Keys)}; expected each parameter once");
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
            throw new ArgumentException($"point: found room for {point.Length} values; expected {Keys.Count}");
        FillCore(index, point);
    }

    private protected abstract void FillCore(long index, Span<double> point);
}

/// <summary>The range of one parameter in a design.</summary>
/// <param name="Key">The Allen key, for example <c>C</c>.</param>
/// <param name="Low">The lowest value, in SI units.</param>
/// <param name="High">The highest value, in SI units.</param>
/// <param name="IsLogarithmic">Whether equal ratios, rather than equal differences, are equally likely. Default false.</param>
public sealed record ParameterRange(string Key, double Low, double High, bool IsLogarithmic = false)
{
    /// <summary>
    /// Whether the values, or their logarithms, are normal, with 95 % of them from <see cref="Low"/> to <see cref="High"/>. Default false:
    /// they are even, and none lies outside.
    /// </summary>
    public bool IsNormal { get; init; }

    /// <summary>
    /// The value that a share of all lies below: of an even range 0 gives <see cref="Low"/>, 1 <see cref="High"/>.
    /// </summary>
    /// <param name="share">0..1.</param>
    public double At(double share)
    {
        if (IsNormal)
            share = NormalShare.Of(share);
        var value = IsLogarithmic ? Low * Math.Pow(High / Low, share) : Low + share * (High - Low);
        return IsNormal ? value : Math.Clamp(value, Low, High);
    }

    internal void Validate()
    {
        if (!double.IsFinite(Low) || !double.IsFinite(High) || Low > High)
        {
            throw new ArgumentException(
                Invariant.Text($"range of {Key}: found {Low:R} to {High:R}; expected finite numbers, the lower first")
            );
        }
        if (IsLogarithmic && !(Low > 0))
        {
            throw new ArgumentException(
                Invariant.Text($"range of {Key}: found {Low:R} as lower end; expected a positive number for a logarithmic range")
            );
        }
    }
}

/// <summary>Normal values as places in the range that holds 95 % of them.</summary>
internal static class NormalShare
{
    // Half of the range, in standard deviations.
    private const double Reach = 1.959963984540054;

    // Draws end where one in ten thousand lies beyond: nothing of a cell is further from the middle.
    private const double Tail = 1e-4;

    /// <summary>The place of the value that a share of all lies below: 0 at the range's start, 1 at its end.</summary>
    public static double Of(double share) => (1 + (Quantile(Math.Clamp(share, Tail, 1 - Tail)) / Reach)) / 2;

    // Abramowitz and Stegun 26.2.23: within 4.5e-4 of a standard deviation, far less than a prior is known to.
    private static double Quantile(double probability)
    {
        if (probability > 0.5)
            return -Quantile(1 - probability);
        var t = Math.Sqrt(-2 * Math.Log(probability));
        return -(t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))));
    }
}

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
                throw new ArgumentException($"grid of {key}: found no values; expected at least one");
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
            throw new ArgumentException($"Latin hypercube: found {count} points; expected at least one");
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
