using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GlifMl.Onnx;

/// <summary>
/// The leaky membrane that, driven by a trace's own current, comes nearest to its voltage: output error, where
/// least squares of single steps take one sample at a time. With recording noise that makes the difference, because the simulated
/// voltage that is compared has none: the estimates have no bias, and the whole response to the current counts instead of one sample's.
/// </summary>
/// <remarks>
/// The membrane is V[n+1] = (1 - k) V[n] + A I[n+1] + k El, from 0 at the trace's start and after each spike cut. Given k = dt / (R C) its
/// voltage is linear in A = dt / C and El, and so is slow drift, a line and half a sine; k is the one of a grid that leaves least, by three
/// grids, each within the one before, and a parabola. Voltages are compared as means of blocks, with as many samples as are in them for
/// weights. <see cref="MembraneResponseNodes"/> is the same as nodes.
/// </remarks>
internal sealed class MembraneResponse
{
    /// <summary>Rates in a grid.</summary>
    public const int Rates = 16;

    /// <summary>Grids, each within the one before.</summary>
    public const int Grids = 3;

    /// <summary>Logarithms of the least and greatest rate of the first grid, and the greatest of any.</summary>
    public const double LeastLogRate = -14,
        GreatestLogRate = -0.7,
        MostLogRate = -0.1;

    /// <summary>
    /// What a drift's square counts, in squares of samples of noise: a drift of 0.4 mV beside noise of 0.3 mV. It decides nothing where
    /// voltage and current tell drift and membrane apart, and keeps a short trace from calling everything drift.
    /// </summary>
    public const double DriftRidge = 0.5;

    /// <summary>Of an unknown's own sum of squares, how much must be left when the others are accounted for.</summary>
    public const double LeastPivot = 1e-11;

    /// <summary>Blocks that a fit needs: it has five unknowns.</summary>
    public const int LeastBlocks = 6;

    /// <summary>The least sum of squares, mV^2: single precision.</summary>
    public const double LeastSquares = 1e-9;

    private readonly int _size,
        _points;

    // Of each block: its currents' sum, its voltages' mean, its samples' count, and what drift is there.
    private readonly double[] _current,
        _sum,
        _level,
        _line,
        _sine;
    private readonly int[] _count;

    // How eight rates respond in each block, summed over its samples: to current, and to rest.
    private readonly Vector512<double>[] _toCurrent,
        _toRest;

    /// <param name="samples">Samples of a trace.</param>
    /// <param name="size">Samples of a block, at most as many.</param>
    /// <param name="points">Rates of the last grid that are looked between: <see cref="NearbyRates"/>.</param>
    public MembraneResponse(int samples, int size, int points = NearbyRates.Parabola)
    {
        (_size, _points, Blocks) = (size, points, samples / size);
        _current = new double[Blocks * size];
        (_level, _sum, _count) = (new double[Blocks], new double[Blocks], new int[Blocks]);
        (_toCurrent, _toRest) = (new Vector512<double>[Blocks], new Vector512<double>[Blocks]);
        _line = [.. Enumerable.Range(0, Blocks).Select(b => (b + 0.5) / Blocks)];
        _sine = [.. _line.Select(at => Math.Sin(Math.PI * at))];
    }

    /// <summary>The spacing of a grid's logarithms.</summary>
    /// <param name="grid">From 0.</param>
    public static double Spacing(int grid) => (GreatestLogRate - LeastLogRate) / (Rates - 1) * Math.Pow(2.0 / (Rates - 1), grid);

    private int Blocks { get; }

    /// <summary>Fits a trace.</summary>
    /// <param name="V">mV; NaN at spike cuts and in padding.</param>
    /// <param name="I">pA.</param>
    public MembraneResponseFit Of(ReadOnlySpan<float> V, ReadOnlySpan<float> I)
    {
        Read(V, I);
        var used = _count.Count(n => n > 0);
        if (used < LeastBlocks)
            return default;
        Span<double> squares = stackalloc double[Rates],
            gains = stackalloc double[Rates],
            rests = stackalloc double[Rates],
            gainUnsure = stackalloc double[Rates],
            restUnsure = stackalloc double[Rates],
            lines = stackalloc double[Rates],
            sines = stackalloc double[Rates],
            rates = stackalloc double[Rates];
        var (first, best, found) = (LeastLogRate, 0, new MembraneTerms());
        for (var grid = 0; grid < Grids; grid++)
        {
            if (grid > 0)
            {
                first += (best * Spacing(grid - 1)) - Spacing(grid - 1);
                found = new(found.Gain + gains[best], found.RestMv + rests[best], found.Line + lines[best], found.Sine + sines[best]);
            }

            for (var n = 0; n < Rates; n++)
                rates[n] = Math.Exp(Math.Min(first + (n * Spacing(grid)), MostLogRate));
            for (var n = 0; n < Rates; n += Vector512<double>.Count)
            {
                Respond(Vector512.Create<double>(rates[n..]));
                var solved = Equations(found).Solve(found);
                solved.Squares.CopyTo(squares[n..]);
                solved.Gain.CopyTo(gains[n..]);
                solved.RestMv.CopyTo(rests[n..]);
                solved.GainUnsure.CopyTo(gainUnsure[n..]);
                solved.RestUnsure.CopyTo(restUnsure[n..]);
                solved.Line.CopyTo(lines[n..]);
                solved.Sine.CopyTo(sines[n..]);
            }

            best = TensorPrimitives.IndexOfMin<double>(squares);
        }

        var (h, reach) = (Spacing(Grids - 1), _points / 2);
        var i = Math.Clamp(best, reach, Rates - 1 - reach);
        ReadOnlySpan<double> Near(Span<double> values) => values.Slice(i - reach, _points);
        var (shift, curvature) = NearbyRates.Least(Near(squares), h, best - i);
        var left = Math.Max(NearbyRates.At(Near(squares), h, shift).Value, LeastSquares);
        var variance = left / (used - LeastBlocks + 1);
        var (ofGain, gain) = NearbyRates.At(Near(gains), h, shift);
        var (ofRest, rest) = NearbyRates.At(Near(rests), h, shift);
        (gain, rest) = (gain + found.Gain, rest + found.RestMv);
        var ofRate = 2 * variance / Math.Max(curvature, MembraneResponseFit.LeastCurvature * variance);
        return new(
            Math.Min(first + (i * h), MostLogRate) + shift,
            gain,
            rest,
            ofRate,
            (gainUnsure[i] * variance) + (ofGain * ofGain * ofRate),
            (gainUnsure[i] * variance) + ((ofGain - gain) * (ofGain - gain) * ofRate),
            (restUnsure[i] * variance) + (ofRest * ofRest * ofRate),
            variance
        );
    }

    // A block's samples from the last one on that does not follow the one before: where a cut ends, the membrane starts from 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(ReadOnlySpan<float> V, ReadOnlySpan<float> I)
    {
        var follows = true;
        for (var b = 0; b < Blocks; b++)
        {
            var v = V.Slice(b * _size, _size);
            var i = I.Slice(b * _size, _size);
            var start = 0;
            // Most blocks have no cut.
            if (!follows || HasNaN(v) || HasNaN(i))
            {
                for (var t = 0; t < _size; t++)
                {
                    var valid = !float.IsNaN(v[t]) && !float.IsNaN(i[t]);
                    if (!(valid && follows))
                        start = t + 1;
                    follows = valid;
                }
            }

            var count = _count[b] = _size - start;
            var current = _current.AsSpan((b * _size) + start, count);
            TensorPrimitives.ConvertTruncating(i[start..], current);
            _sum[b] = Sum(i[start..]);
            _level[b] = count > 0 ? Sum(v[start..]) / count : 0;
        }
    }

    // Of samples that one is NaN among, the maximum is NaN.
    private static bool HasNaN(ReadOnlySpan<float> values) => float.IsNaN(TensorPrimitives.Max(values));

    private static double Sum(ReadOnlySpan<float> values)
    {
        var (sums, n) = (Vector256<double>.Zero, 0);
        for (; n + Vector128<float>.Count <= values.Length; n += Vector128<float>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(values[n..]));
            sums += Vector256.Create(low, high);
        }

        var sum = Vector256.Sum(sums);
        for (; n < values.Length; n++)
            sum += values[n];
        return sum;
    }

    /// <summary>How the membrane responds at eight rates.</summary>
    /// <param name="k">The rates.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Respond(Vector512<double> k)
    {
        var (d, inverse, power) = (Vector512<double>.One - k, Vector512<double>.One / k, Vector512<double>.One);
        for (var j = 0; j < _size; j++)
            power *= d;
        var squared = d * d;
        var (cubed, fourth) = (squared * d, squared * squared);
        var whole = Vector512<double>.One - power;
        var decayed = d * whole * inverse;
        var (current, rest) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var b = 0; b < Blocks; b++)
        {
            var (count, end) = (_count[b], (b + 1) * _size);
            // Horner's rule, four samples a turn: a turn waits for the one before, so that fewer are quicker.
            var (driven, t) = (Vector512<double>.Zero, end - count);
            for (; (end - t) % 4 != 0; t++)
                driven = Vector512.FusedMultiplyAdd(driven, d, Vector512.Create(_current[t]));
            for (; t < end; t += 4)
            {
                var given = Vector512.FusedMultiplyAdd(Vector512.Create(_current[t]), cubed, Vector512.Create(_current[t + 3]));
                given = Vector512.FusedMultiplyAdd(Vector512.Create(_current[t + 1]), squared, given);
                given = Vector512.FusedMultiplyAdd(Vector512.Create(_current[t + 2]), d, given);
                driven = Vector512.FusedMultiplyAdd(driven, fourth, given);
            }

            var isWhole = count == _size;
            var leak = isWhole ? whole : Leak(d, count);
            var toCurrent = (Vector512.Create(_sum[b]) - (d * driven)) * inverse;
            var toRest = Vector512.Create((double)count) - (d * leak * inverse);
            _toCurrent[b] = isWhole ? Vector512.FusedMultiplyAdd(decayed, current, toCurrent) : toCurrent;
            _toRest[b] = isWhole ? Vector512.FusedMultiplyAdd(decayed, rest, toRest) : toRest;
            current = isWhole ? Vector512.FusedMultiplyAdd(power, current, driven) : driven;
            rest = isWhole ? Vector512.FusedMultiplyAdd(power, rest, leak) : leak;
        }
    }

    /// <summary>
    /// What these responses have in common with each other, with drift, and with what is left of the voltage by what was found before: that
    /// is of the size of its differences between rates, where the voltage's own squares would hide them by their rounding.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private MembraneEquations Equations(MembraneTerms found)
    {
        var (gain, rest) = (Vector512.Create(-found.Gain), Vector512.Create(-found.RestMv));
        var sums = new MembraneEquations();
        for (var b = 0; b < Blocks; b++)
        {
            var level = _level[b] - (found.Line * _line[b]) - (found.Sine * _sine[b]);
            if (_count[b] > 0)
                sums.Add(_line[b], _sine[b], _toRest[b], _toCurrent[b], level, gain, rest, _count[b]);
        }

        return sums;
    }

    private static Vector512<double> Leak(Vector512<double> d, int count)
    {
        var kept = Vector512<double>.One;
        for (var t = 0; t < count; t++)
            kept *= d;
        return Vector512<double>.One - kept;
    }
}
