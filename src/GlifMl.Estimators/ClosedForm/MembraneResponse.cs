using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace GlifMl.Estimators;

/// <summary>
/// The leaky membrane that, driven by a trace's own current, comes nearest to its voltage: output error, where
/// <see cref="MembraneIdentification"/> fits one step at a time. With recording noise that makes the difference, because the simulated
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

    private readonly int _size;
    private readonly double[] _current,
        _level,
        _sum;
    private readonly int[] _count;
    private readonly bool[] _whole;

    /// <param name="samples">Samples of a trace.</param>
    /// <param name="size">Samples of a block, at most as many.</param>
    public MembraneResponse(int samples, int size)
    {
        (_size, Blocks) = (size, samples / size);
        _current = new double[Blocks * size];
        (_level, _sum, _count, _whole) = (new double[Blocks], new double[Blocks], new int[Blocks], new bool[Blocks]);
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
            rests = stackalloc double[Rates];
        Span<Uncertainty> unsure = stackalloc Uncertainty[Rates];
        var (first, best) = (LeastLogRate, 0);
        for (var grid = 0; grid < Grids; grid++)
        {
            if (grid > 0)
                first += (best * Spacing(grid - 1)) - Spacing(grid - 1);
            Try(first, Spacing(grid), squares, gains, rests, unsure);
            best = TensorPrimitives.IndexOfMin<double>(squares);
        }

        var (h, i) = (Spacing(Grids - 1), Math.Clamp(best, 1, Rates - 2));
        var curvature = (squares[i - 1] - (2 * squares[i]) + squares[i + 1]) / (h * h);
        var slope = (squares[i + 1] - squares[i - 1]) / (2 * h);
        var shift = curvature > 0 ? Math.Clamp(-slope / curvature, -h, h) : 0;
        var left = Math.Max(squares[i] + (slope * shift) + (0.5 * curvature * shift * shift), LeastSquares);
        var variance = left / (used - LeastBlocks + 1);
        var (ofGain, gain) = Parabola(gains.Slice(i - 1, 3), h, shift);
        var (ofRest, rest) = Parabola(rests.Slice(i - 1, 3), h, shift);
        var ofRate = 2 * variance / Math.Max(curvature, MembraneResponseFit.LeastCurvature * variance);
        return new(
            Math.Min(first + (i * h), MostLogRate) + shift,
            gain,
            rest,
            ofRate,
            (unsure[i].Gain * variance) + (ofGain * ofGain * ofRate),
            (unsure[i].Gain * variance) + ((ofGain - gain) * (ofGain - gain) * ofRate),
            (unsure[i].Rest * variance) + (ofRest * ofRest * ofRate),
            variance
        );
    }

    // A block's samples from the last one on that does not follow the one before: where a cut ends, the membrane starts from 0.
    private void Read(ReadOnlySpan<float> V, ReadOnlySpan<float> I)
    {
        var follows = true;
        for (var b = 0; b < Blocks; b++)
        {
            var start = b * _size;
            for (var t = b * _size; t < (b + 1) * _size; t++)
            {
                var valid = !float.IsNaN(V[t]) && !float.IsNaN(I[t]);
                if (!(valid && follows))
                    start = t + 1;
                follows = valid;
            }

            _count[b] = ((b + 1) * _size) - start;
            _whole[b] = _count[b] == _size;
            var (level, sum) = (0.0, 0.0);
            for (var t = start; t < (b + 1) * _size; t++)
            {
                level += V[t];
                sum += I[t];
                _current[t] = I[t];
            }

            (_level[b], _sum[b]) = (_count[b] > 0 ? level / _count[b] : 0, sum);
        }
    }

    private void Try(double first, double spacing, Span<double> squares, Span<double> gains, Span<double> rests, Span<Uncertainty> unsure)
    {
        Span<double> rates = stackalloc double[Rates];
        for (var i = 0; i < Rates; i++)
            rates[i] = Math.Exp(Math.Min(first + (i * spacing), MostLogRate));
        for (var i = 0; i < Rates; i += Vector<double>.Count)
        {
            var sums = Respond(new Vector<double>(rates[i..]));
            for (var lane = 0; lane < Vector<double>.Count; lane++)
                (squares[i + lane], gains[i + lane], rests[i + lane], unsure[i + lane]) = sums.Solve(lane);
        }
    }

    // Fully compiled at the first call: it is called few times, and long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private NormalEquations Respond(Vector<double> k)
    {
        var (d, inverse) = (Vector<double>.One - k, Vector<double>.One / k);
        var power = Vector<double>.One;
        for (var j = 0; j < _size; j++)
            power *= d;
        var squared = d * d;
        var decayed = d * (Vector<double>.One - power) * inverse;
        var (current, rest) = (Vector<double>.Zero, Vector<double>.Zero);
        var sums = new NormalEquations();
        var (turnSin, turnCos) = Math.SinCos(Math.PI / Blocks);
        var (sin, cos) = Math.SinCos(Math.PI / (2 * Blocks));
        for (var b = 0; b < Blocks; b++)
        {
            var (driven, leak) = Block(b, d, squared);

            if (_count[b] > 0)
            {
                var n = new Vector<double>(_count[b]);
                var toCurrent = (new Vector<double>(_sum[b]) - (d * driven)) * inverse;
                var toRest = n - (d * leak * inverse);
                if (_whole[b])
                    (toCurrent, toRest) = (toCurrent + (decayed * current), toRest + (decayed * rest));
                sums.Add(toCurrent / n, toRest / n, (b + 0.5) / Blocks, sin, _level[b], _count[b]);
            }

            (current, rest) = _whole[b] ? ((power * current) + driven, (power * rest) + leak) : (driven, leak);
            (sin, cos) = ((sin * turnCos) + (cos * turnSin), (cos * turnCos) - (sin * turnSin));
        }

        return sums;
    }

    // Horner's rule, four samples a turn: a turn waits for the one before, so that fewer are quicker.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector<double> Driven, Vector<double> Leak) Block(int b, Vector<double> d, Vector<double> squared)
    {
        var end = (b + 1) * _size;
        var t = end - _count[b];
        var (driven, kept) = (Vector<double>.Zero, Vector<double>.One);
        for (; (end - t) % 4 != 0; t++)
            (driven, kept) = ((driven * d) + new Vector<double>(_current[t]), kept * d);
        var (cubed, fourth) = (squared * d, squared * squared);
        for (; t < end; t += 4)
        {
            var given =
                (new Vector<double>(_current[t]) * cubed)
                + (new Vector<double>(_current[t + 1]) * squared)
                + (new Vector<double>(_current[t + 2]) * d)
                + new Vector<double>(_current[t + 3]);
            (driven, kept) = ((driven * fourth) + given, kept * fourth);
        }

        return (driven, Vector<double>.One - kept);
    }

    /// <summary>The slope and the value of the parabola through three points.</summary>
    private static (double Slope, double Value) Parabola(ReadOnlySpan<double> y, double h, double at)
    {
        var (slope, bend) = ((y[2] - y[0]) / (2 * h), (y[0] - (2 * y[1]) + y[2]) / (h * h));
        return (slope + (bend * at), y[1] + (slope * at) + (0.5 * bend * at * at));
    }

    /// <summary>Variances of gain and rest at a given rate, for noise of variance 1.</summary>
    private readonly record struct Uncertainty(double Gain, double Rest);

    /// <summary>Weighted sums of products of drift, response to rest and to current, and the voltage; rates in the lanes.</summary>
    private sealed class NormalEquations
    {
        private readonly Vector<double>[] _products = new Vector<double>[Unknowns * (Unknowns + 1)];
        private double _squares;
        private const int Unknowns = 4;

        public void Add(Vector<double> toCurrent, Vector<double> toRest, double line, double sine, double level, double weight)
        {
            var w = new Vector<double>(weight);
            ReadOnlySpan<Vector<double>> basis =
            [
                new Vector<double>(line),
                new Vector<double>(sine),
                toRest,
                toCurrent,
                new Vector<double>(level),
            ];
            var at = 0;
            for (var i = 0; i < Unknowns; i++)
            {
                var scaled = w * basis[i];
                for (var j = i; j <= Unknowns; j++)
                    _products[at++] += scaled * basis[j];
            }

            _squares += weight * level * level;
        }

        /// <summary>Eliminates drift, rest and gain, in this order.</summary>
        public (double Squares, double Gain, double RestMv, Uncertainty Unsure) Solve(int lane)
        {
            Span<double> m = stackalloc double[Unknowns * (Unknowns + 1)];
            for (var (i, at) = (0, 0); i < Unknowns; i++)
            {
                for (var j = i; j <= Unknowns; j++)
                    m[(i * (Unknowns + 1)) + j] = _products[at++][lane];
            }

            (m[0], m[6]) = (m[0] + DriftRidge, m[6] + DriftRidge);
            Span<double> own = [m[0], m[6], m[12], m[18]];
            Span<double> inverse = stackalloc double[Unknowns];
            var left = _squares;
            for (var i = 0; i < Unknowns; i++)
            {
                var pivot = m[(i * (Unknowns + 1)) + i];
                inverse[i] = pivot > LeastPivot * own[i] ? 1 / pivot : 0;
                for (var r = i + 1; r < Unknowns; r++)
                {
                    var factor = m[(i * (Unknowns + 1)) + r] * inverse[i];
                    for (var j = r; j <= Unknowns; j++)
                        m[(r * (Unknowns + 1)) + j] -= factor * m[(i * (Unknowns + 1)) + j];
                }

                left -= m[(i * (Unknowns + 1)) + Unknowns] * m[(i * (Unknowns + 1)) + Unknowns] * inverse[i];
            }

            var gain = m[19] * inverse[3];
            var between = m[13] * inverse[2];
            return (
                Math.Max(left, LeastSquares),
                gain,
                (m[14] * inverse[2]) - (between * gain),
                new(inverse[3], inverse[2] + (between * between * inverse[3]))
            );
        }
    }
}
