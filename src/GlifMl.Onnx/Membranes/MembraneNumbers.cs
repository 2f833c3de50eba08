using System.Numerics.Tensors;

namespace GlifMl.Onnx;

/// <summary>
/// A trace as the numbers of its membrane: what <see cref="MembraneResponse"/> fits, how sure it is, and the voltages that crossings lead
/// to. None of them is NaN, and all but the pulse are 0 where there is too little to fit. <see cref="MembraneResponseNodes"/> is the same
/// as nodes. One thread at a time.
/// </summary>
/// <param name="samples">Samples of a trace.</param>
/// <param name="size">Samples of a block, at most as many.</param>
/// <param name="points">Rates of the last grid that are looked between: <see cref="NearbyRates"/>.</param>
internal sealed class MembraneNumbers(int samples, int size, int points = NearbyRates.Parabola)
{
    /// <summary>What a logarithm is taken of at least.</summary>
    public const double Least = 1e-12;

    // Samples that are looked at together.
    private const int Stretch = 32;

    private readonly MembraneResponse _response = new(samples, size, points);

    /// <summary>Names of the numbers, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "log_rate",
        "log_gain",
        "log_resistance",
        "rest_mV",
        "log_rate_sd",
        "log_gain_sd",
        "log_resistance_sd",
        "log_rest_sd",
        "log_noise_sd",
        "largest_mV",
        "crossing_least_mV",
        "crossing_mean_mV",
        "log_crossings",
        "silent",
        "silent_largest_mV",
        "log_pulse",
    ];

    /// <summary>Computes them.</summary>
    /// <param name="V">mV; NaN at spike cuts and in padding.</param>
    /// <param name="I">pA.</param>
    /// <param name="output">One number a name.</param>
    public void Of(ReadOnlySpan<float> V, ReadOnlySpan<float> I, Span<float> output)
    {
        var fit = _response.Of(V, I);
        output.Clear();
        output[^1] = Log(FirstPulse.Samples(I));
        if (fit.NoiseVariance == 0)
            return;
        var gain = Math.Max(fit.Gain, Least);
        var (largest, crossings, least, mean) = Threshold(V, I, fit);
        output[0] = (float)fit.LogRate;
        output[1] = Log(gain);
        output[2] = (float)(Math.Log(gain) - fit.LogRate);
        output[3] = (float)fit.RestMv;
        output[4] = Deviation(fit.RateVariance);
        output[5] = Deviation(fit.GainVariance / (gain * gain));
        output[6] = Deviation(fit.ResistanceVariance / (gain * gain));
        output[7] = Deviation(fit.RestVariance);
        output[8] = Deviation(fit.NoiseVariance);
        // A threshold lies between the largest voltage and the least that a crossing leads to; without any, the largest voltage says
        // another thing.
        output[9] = (float)largest;
        output[10] = (float)(crossings > 0 ? least : largest);
        output[11] = (float)(crossings > 0 ? mean : largest);
        output[12] = Log(1 + crossings);
        output[13] = crossings > 0 ? 0 : 1;
        output[14] = crossings > 0 ? 0 : (float)largest;
    }

    private static (double Largest, int Crossings, double Least, double Mean) Threshold(
        ReadOnlySpan<float> V,
        ReadOnlySpan<float> I,
        MembraneResponseFit fit
    )
    {
        var k = Math.Exp(fit.LogRate);
        var last = V.Length - 1;
        while (last >= 0 && float.IsNaN(V[last]))
            last--;
        var (largest, crossings, least, sum) = (double.NegativeInfinity, 0, double.PositiveInfinity, 0.0);
        for (var t = 0; t <= last; t++)
        {
            // Of samples that one is NaN among, the maximum is NaN.
            if (t + Stretch <= last && TensorPrimitives.Max(V.Slice(t, Stretch)) is var most && !float.IsNaN(most))
            {
                largest = Math.Max(largest, most);
                t += Stretch - 1;
            }
            else if (!float.IsNaN(V[t]))
            {
                largest = Math.Max(largest, V[t]);
            }
            else if (t > 0 && !float.IsNaN(V[t - 1]) && !float.IsNaN(I[t]))
            {
                var next = ((1 - k) * V[t - 1]) + (fit.Gain * I[t]) + (k * fit.RestMv);
                (crossings, least, sum) = (crossings + 1, Math.Min(least, next), sum + next);
            }
        }

        return (largest, crossings, least, sum / Math.Max(crossings, 1));
    }

    private static float Log(double x) => (float)Math.Log(Math.Max(x, Least));

    private static float Deviation(double variance) => (float)(0.5 * Math.Log(Math.Max(variance, Least * Least)));
}
