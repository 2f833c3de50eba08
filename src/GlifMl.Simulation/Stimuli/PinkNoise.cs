using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Simulation;

/// <summary>
/// The noise of the Allen Cell Types Database's Noise 1 and Noise 2: sines of 1 to 100 Hz in 1 Hz steps, amplitude 1 / sqrt(f), random
/// phases, scaled to mean 0 and SD 1. It repeats each second.
/// </summary>
/// <remarks>
/// Values and slopes stand in a table of 8,192 points a second, made by one inverse Fourier transformation; between points it is the
/// cubic that takes both. It differs from the sum of sines by less than 2e-7 SD (h^4 max|x''''| / 384 with all sines in phase).
/// </remarks>
internal sealed class PinkNoise
{
    public const int HighestFrequencyHz = 100;
    private const int PointsPerSecond = LowFrequencyTransform.Points;

    /// <summary>[f - 1] what a sine's phasor is divided by: 2i, and what makes the sum's SD 1.</summary>
    private static readonly Complex[] Divisors = MakeDivisors();

    private readonly double[] _values;
    private readonly double[] _slopes;

    /// <summary>Makes the noise of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="table">Memory to use: the noise that used it before is none any more. Default: new.</param>
    public PinkNoise(ulong seed, NoiseTable? table = null)
    {
        table ??= new NoiseTable();
        (_values, _slopes) = (table.Values, table.Slopes);
        var random = new SeededRandom(seed, RandomStreams.PinkNoise);
        Span<Complex> positive = stackalloc Complex[HighestFrequencyHz + 1];
        Span<Complex> negative = stackalloc Complex[HighestFrequencyHz + 1];
        for (var f = 1; f <= HighestFrequencyHz; f++)
        {
            // value = c e^(ift) + conj(c) e^(-ift) and slope = iwc e^(ift) + conj(iwc) e^(-ift); the transform of value + i slope.
            var c = LowFrequencyTransform.Turn(random.NextDouble()) / Divisors[f - 1];
            var w = 2 * Math.PI * f / PointsPerSecond;
            positive[f] = c * (1 - w);
            negative[f] = Complex.Conjugate(c) * (1 + w);
        }
        LowFrequencyTransform.Invert(positive, negative, _values.AsSpan(0, PointsPerSecond), _slopes.AsSpan(0, PointsPerSecond));
        (_values[^1], _slopes[^1]) = (_values[0], _slopes[0]);
    }

    /// <summary>The noise at a time in s, in SD.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double At(double seconds)
    {
        var x = (seconds - Math.Floor(seconds)) * PointsPerSecond;
        // The product of a fraction just under 1 may round up to a whole period.
        var i = Math.Min((int)x, PointsPerSecond - 1);
        var t = x - i;
        // Cubic Hermite interpolation.
        var from = _values[i];
        var rise = _values[i + 1] - from;
        var a = _slopes[i] - rise;
        var b = rise - _slopes[i + 1];
        return from + t * (rise + (1 - t) * (a * (1 - t) + b * t));
    }

    /// <summary>Fills in the noise at start + n x dt - origin, in SD, from sample <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Fill(double start, double dt, int first, double origin, Span<double> values)
    {
        var n = 0;
        if (Avx2.IsSupported)
        {
            var (one, count) = (Vector256<double>.One, Vector256.Create((double)PointsPerSecond));
            var last = Vector128.Create(PointsPerSecond - 1);
            var index = Vector128.Create(first, first + 1, first + 2, first + 3);
            fixed (double* table = _values)
            fixed (double* slopes = _slopes)
            {
                // As in At, four samples at once.
                for (; n <= values.Length - Vector256<double>.Count; n += Vector256<double>.Count)
                {
                    var seconds = Vector256.Create(start) + Avx.ConvertToVector256Double(index) * Vector256.Create(dt);
                    seconds -= Vector256.Create(origin);
                    var x = (seconds - Vector256.Floor(seconds)) * count;
                    var i = Vector128.Min(Avx.ConvertToVector128Int32WithTruncation(x), last);
                    var t = x - Avx.ConvertToVector256Double(i);
                    var from = Avx2.GatherVector256(table, i, sizeof(double));
                    var rise = Avx2.GatherVector256(table + 1, i, sizeof(double)) - from;
                    var a = Avx2.GatherVector256(slopes, i, sizeof(double)) - rise;
                    var b = rise - Avx2.GatherVector256(slopes + 1, i, sizeof(double));
                    var rest = one - t;
                    (from + t * (rise + rest * (a * rest + b * t))).CopyTo(values[n..]);
                    index += Vector128.Create(Vector256<double>.Count);
                }
            }
        }
        for (; n < values.Length; n++)
            values[n] = At(start + (first + n) * dt - origin);
    }

    private static Complex[] MakeDivisors()
    {
        var variance = 0.0;
        for (var f = 1; f <= HighestFrequencyHz; f++)
            variance += 0.5 / f;
        return [.. Enumerable.Range(1, HighestFrequencyHz).Select(f => 2 * Complex.ImaginaryOne * Math.Sqrt(f * variance))];
    }
}

/// <summary>
/// Memory of a <see cref="PinkNoise"/>, 128 KB. Millions of traces with a noise each would otherwise keep the garbage collector as busy as
/// the simulator.
/// </summary>
internal sealed class NoiseTable
{
    // One more point than a period, so that the last interval needs no wrapping.
    public double[] Values { get; } = GC.AllocateUninitializedArray<double>(LowFrequencyTransform.Points + 1);

    /// <summary>In units a table step.</summary>
    public double[] Slopes { get; } = GC.AllocateUninitializedArray<double>(LowFrequencyTransform.Points + 1);
}
