using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>Sobol's sequence: Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections".</summary>
internal sealed class SobolDesign : RangeDesign
{
    private const int Bits = 32;

    // new-joe-kuo-6, dimensions 2 to 21: coefficients a of the primitive polynomial, and the first direction numbers m.
    private static readonly (uint A, uint[] M)[] Table =
    [
        (0, [1]),
        (1, [1, 3]),
        (1, [1, 3, 1]),
        (2, [1, 1, 1]),
        (1, [1, 1, 3, 3]),
        (4, [1, 3, 5, 13]),
        (2, [1, 1, 5, 5, 17]),
        (4, [1, 1, 5, 5, 5]),
        (7, [1, 1, 7, 11, 19]),
        (11, [1, 1, 5, 1, 1]),
        (13, [1, 1, 1, 3, 11]),
        (14, [1, 3, 5, 5, 31]),
        (1, [1, 3, 3, 9, 7, 49]),
        (13, [1, 1, 1, 15, 21, 21]),
        (16, [1, 3, 1, 13, 27, 49]),
        (19, [1, 1, 1, 15, 7, 5]),
        (22, [1, 3, 1, 15, 13, 25]),
        (25, [1, 1, 5, 5, 19, 61]),
        (1, [1, 3, 7, 11, 23, 15, 103]),
        (4, [1, 3, 7, 13, 13, 15, 69]),
    ];

    private readonly uint[][] _directions;
    private readonly uint[] _shift;

    public SobolDesign(IReadOnlyList<ParameterRange> ranges, ulong? seed)
        : base(ranges)
    {
        if (Keys.Count > MaximumDimensions)
        {
            throw new ArgumentException($"Sobol design: found {Keys.Count} parameters; expected at most {MaximumDimensions}");
        }
        _directions = [.. Enumerable.Range(0, Keys.Count).Select(Directions)];
        _shift = new uint[Keys.Count];
        if (seed is not { } value)
            return;
        var random = new SeededRandom(value, RandomStreams.SobolShift);
        for (var key = 0; key < _shift.Length; key++)
            _shift[key] = (uint)random.NextUInt64();
    }

    public static int MaximumDimensions => Table.Length + 1;

    public override long? Count => null;

    private protected override void FillUnit(long index, Span<double> unit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, uint.MaxValue);
        var gray = (uint)index ^ ((uint)index >> 1);
        for (var key = 0; key < unit.Length; key++)
        {
            var x = _shift[key];
            for (var rest = gray; rest != 0; rest &= rest - 1)
                x ^= _directions[key][BitOperations.TrailingZeroCount(rest)];
            unit[key] = x / (double)(1UL << Bits);
        }
    }

    // v_i = m_i / 2^i, and beyond the table v_i = a_1 v_(i-1) ^ ... ^ a_(s-1) v_(i-s+1) ^ v_(i-s) ^ (v_(i-s) >> s).
    private static uint[] Directions(int dimension)
    {
        var v = new uint[Bits];
        if (dimension == 0)
        {
            for (var i = 0; i < Bits; i++)
                v[i] = 1u << (Bits - 1 - i);
            return v;
        }
        var (a, m) = Table[dimension - 1];
        var degree = m.Length;
        for (var i = 0; i < degree; i++)
            v[i] = m[i] << (Bits - 1 - i);
        for (var i = degree; i < Bits; i++)
        {
            v[i] = v[i - degree] ^ (v[i - degree] >> degree);
            for (var k = 1; k < degree; k++)
            {
                if (((a >> (degree - 1 - k)) & 1) != 0)
                    v[i] ^= v[i - k];
            }
        }
        return v;
    }
}
