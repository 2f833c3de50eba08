using System.ComponentModel.DataAnnotations;

namespace GlifMl.Simulation;

/// <summary>What a recording adds to a voltage: white normal noise, then rounding to the converter's step.</summary>
public record RecordingNoise
{
    /// <summary>Standard deviation of white recording noise, mV. Default 0.2; at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double SdMv { get; init; } = 0.2;

    /// <summary>The converter's step, mV: voltages are rounded to its multiples. Default 0: not rounded.</summary>
    [Range(0, double.MaxValue)]
    public double StepMv { get; init; }

    /// <summary>Adds the noise in place. NaN stays NaN, and takes a draw as any sample does.</summary>
    /// <param name="voltageMv">The voltage, mV.</param>
    /// <param name="random">Where the noise comes from.</param>
    /// <param name="stride">Distance of neighbouring samples in <paramref name="voltageMv"/>. Default 1.</param>
    public void AddTo(Span<float> voltageMv, SeededRandom random, int stride = 1)
    {
        for (var i = 0; i < voltageMv.Length; i += stride)
        {
            var v = voltageMv[i] + (SdMv * random.NextGaussian());
            voltageMv[i] = (float)(StepMv > 0 ? Math.Round(v / StepMv) * StepMv : v);
        }
    }
}
