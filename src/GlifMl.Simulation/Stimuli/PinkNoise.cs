using System.Numerics;

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
    private const int PointsPerSecond = 8192;

    private static readonly Complex[] Roots = [.. Enumerable.Range(0, PointsPerSecond / 2).Select(k => Turn((double)k / PointsPerSecond))];

    // Re: value; Im: slope in units a table step. One more point than a period, so that the last interval needs no wrapping.
    private readonly Complex[] _table;

    public PinkNoise(ulong seed)
    {
        var random = new SeededRandom(seed, RandomStreams.PinkNoise);
        var phases = new double[HighestFrequencyHz];
        for (var i = 0; i < phases.Length; i++)
            phases[i] = random.NextDouble();

        var spectrum = new Complex[PointsPerSecond];
        var variance = 0.0;
        for (var f = 1; f <= HighestFrequencyHz; f++)
            variance += 0.5 / f;
        for (var f = 1; f <= HighestFrequencyHz; f++)
        {
            // value = c e^(ift) + conj(c) e^(-ift) and slope = iwc e^(ift) + conj(iwc) e^(-ift); the transform of value + i slope.
            var c = Turn(phases[f - 1]) / (2 * Complex.ImaginaryOne * Math.Sqrt(f * variance));
            var w = 2 * Math.PI * f / PointsPerSecond;
            spectrum[f] = c * (1 - w);
            spectrum[PointsPerSecond - f] = Complex.Conjugate(c) * (1 + w);
        }
        InverseTransform(spectrum);
        _table = [.. spectrum, spectrum[0]];
    }

    /// <summary>The noise at a time in s, in SD.</summary>
    public double At(double seconds)
    {
        var x = (seconds - Math.Floor(seconds)) * PointsPerSecond;
        // The product of a fraction just under 1 may round up to a whole period.
        var i = Math.Min((int)x, PointsPerSecond - 1);
        var t = x - i;
        var (from, to) = (_table[i], _table[i + 1]);
        // Cubic Hermite interpolation.
        var rise = to.Real - from.Real;
        var a = from.Imaginary - rise;
        var b = rise - to.Imaginary;
        return from.Real + t * (rise + (1 - t) * (a * (1 - t) + b * t));
    }

    // Radix 2, decimation in time, positive exponent, unscaled.
    private static void InverseTransform(Complex[] x)
    {
        for (int i = 1, j = 0; i < x.Length; i++)
        {
            var bit = x.Length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
                j ^= bit;
            j ^= bit;
            if (i < j)
                (x[i], x[j]) = (x[j], x[i]);
        }
        for (var half = 1; half < x.Length; half *= 2)
        {
            var stride = x.Length / (2 * half);
            for (var block = 0; block < x.Length; block += 2 * half)
            {
                for (var k = 0; k < half; k++)
                {
                    var odd = x[block + half + k] * Roots[k * stride];
                    x[block + half + k] = x[block + k] - odd;
                    x[block + k] += odd;
                }
            }
        }
    }

    private static Complex Turn(double turns)
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * turns);
        return new Complex(cos, sin);
    }
}
