using System.Numerics;

namespace GlifMl.Simulation;

/// <summary>
/// A 4-pole low-pass Bessel filter (Thomson 1949), run forwards and backwards so that it delays nothing: what recordings are smoothed with
/// before their slope is taken.
/// </summary>
internal static class BesselFilter
{
    // Roots in the upper half plane of the reverse Bessel polynomial s^4 + 10 s^3 + 45 s^2 + 105 s + 105.
    private static readonly Complex[] PolynomialRoots = [new(-2.896210602820, 0.867234128934), new(-2.103789397180, 2.657418041857)];

    // Scaled so that the response falls off at high frequencies like a Butterworth filter of the same cutoff.
    private static readonly double PhaseNormalisation = Math.Pow(105, -0.25);

    // Samples mirrored at each end, so that the filter has settled where the data begin: three times its length.
    private const int Padding = 15;

    /// <summary>Whether a cutoff can be realised at a sampling interval: it must lie below half the sampling rate.</summary>
    /// <param name="cutoffHz">The cutoff, Hz.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    public static bool CanFilter(double cutoffHz, double dtSeconds) => cutoffHz * dtSeconds < 0.5;

    /// <summary>Filters forwards and backwards.</summary>
    /// <param name="values">[N] the samples, all finite.</param>
    /// <param name="cutoffHz">The cutoff, Hz.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <returns>[N] the filtered samples.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The cutoff is not below half the sampling rate.</exception>
    public static double[] Filter(ReadOnlySpan<double> values, double cutoffHz, double dtSeconds)
    {
        if (!(cutoffHz > 0) || !CanFilter(cutoffHz, dtSeconds))
        {
            throw new ArgumentOutOfRangeException(
                nameof(cutoffHz),
                Invariant.Text(
                    $"cutoff: found {cutoffHz:R} Hz; expected more than 0 and less than half the sampling rate, {0.5 / dtSeconds:R} Hz"
                )
            );
        }
        if (values.Length < 2)
            return values.ToArray();
        var sections = Array.ConvertAll(PolynomialRoots, root => Biquad.Of(root * PhaseNormalisation, cutoffHz, dtSeconds));
        var padding = Math.Min(Padding, values.Length - 1);
        var padded = Mirror(values, padding);
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var section in sections)
                section.Run(padded);
            Array.Reverse(padded);
        }
        return padded[padding..^padding];
    }

    /// <summary>Odd reflection about both ends, which keeps value and slope continuous.</summary>
    private static double[] Mirror(ReadOnlySpan<double> values, int padding)
    {
        var padded = new double[values.Length + 2 * padding];
        values.CopyTo(padded.AsSpan(padding));
        for (var k = 1; k <= padding; k++)
        {
            padded[padding - k] = 2 * values[0] - values[k];
            padded[^(padding - k + 1)] = 2 * values[^1] - values[^(k + 1)];
        }
        return padded;
    }

    /// <summary>One pair of poles after the bilinear transform, with unit gain at rest.</summary>
    private readonly record struct Biquad(double Gain, double A1, double A2)
    {
        public static Biquad Of(Complex analogPole, double cutoffHz, double dt)
        {
            // Bilinear transform s = (z - 1) / (z + 1), with the cutoff warped so that it lands where asked for.
            var s = analogPole * Math.Tan(Math.PI * cutoffHz * dt);
            var z = (1 + s) / (1 - s);
            var (a1, a2) = (-2 * z.Real, z.Real * z.Real + z.Imaginary * z.Imaginary);
            return new Biquad((1 + a1 + a2) / 4, a1, a2);
        }

        /// <summary>Filters in place, begun as if the first value had stood for ever.</summary>
        public void Run(double[] values)
        {
            var (x1, x2, y1, y2) = (values[0], values[0], values[0], values[0]);
            for (var n = 0; n < values.Length; n++)
            {
                var x = values[n];
                var y = Gain * (x + 2 * x1 + x2) - A1 * y1 - A2 * y2;
                (x2, x1, y2, y1) = (x1, x, y1, y);
                values[n] = y;
            }
        }
    }
}
