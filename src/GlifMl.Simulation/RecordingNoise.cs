using System.ComponentModel.DataAnnotations;

namespace GlifMl.Simulation;

/// <summary>
/// What a recording adds to a trace: white normal noise and slow drift on the voltage, an error in the current's gain, then rounding to the
/// converter's step.
/// </summary>
public record RecordingNoise : IValidatableObject
{
    private const int DrawsAtOnce = 256;

    /// <summary>Standard deviation of white recording noise, mV. Default 0.2; at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double SdMv { get; init; } = 0.2;

    /// <summary>The converter's step, mV: voltages are rounded to its multiples. Default 0: not rounded.</summary>
    [Range(0, double.MaxValue)]
    public double StepMv { get; init; }

    /// <summary>
    /// Largest standard deviation of white noise, mV: each trace has one of its own, evenly by ratio from <see cref="SdMv"/> on. Default
    /// null: all have <see cref="SdMv"/>.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double? MostSdMv { get; init; }

    /// <summary>
    /// Slow drift, mV: a trace's voltage moves by a normal share of this along a line, and by another along half a sine that is back at the
    /// end. Its start, where rest is measured, stays. Default null: none.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double? DriftMv { get; init; }

    /// <summary>
    /// Standard deviation of the error in the recorded current's gain, as a share: a trace's current is recorded that much too large or too
    /// small. Default null: none.
    /// </summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double? CurrentGainSd { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MostSdMv is not null && !(SdMv > 0))
            yield return new("expected more than 0, because most_sd_mv is a ratio of it", [nameof(SdMv)]);
        else if (MostSdMv < SdMv)
            yield return new(Invariant.Text($"expected at least sd_mv, {SdMv:R}"), [nameof(MostSdMv)]);
    }

    /// <summary>Adds the noise in place. NaN stays NaN, and takes a draw as any sample does.</summary>
    /// <param name="voltageMv">The voltage, mV.</param>
    /// <param name="stimulusPa">The current as it was injected, pA; it becomes the recorded one. Empty where it is not recorded.</param>
    /// <param name="random">Where the noise comes from.</param>
    /// <param name="stride">Distance of neighbouring samples in both. Default 1.</param>
    public void AddTo(Span<float> voltageMv, Span<float> stimulusPa, SeededRandom random, int stride = 1)
    {
        var sd = MostSdMv is { } most ? SdMv * Math.Pow(most / SdMv, random.NextDouble()) : SdMv;
        var (line, sine) = DriftMv is { } drift ? (drift * random.NextGaussian(), drift * random.NextGaussian()) : (0, 0);
        if (CurrentGainSd is { } gainSd)
        {
            var gain = (float)(1 + (gainSd * random.NextGaussian()));
            for (var i = 0; i < stimulusPa.Length; i += stride)
                stimulusPa[i] *= gain;
        }

        if (DriftMv is not null)
            AddDrift(voltageMv, line, sine, stride);
        Span<double> draws = stackalloc double[DrawsAtOnce];
        for (var i = 0; i < voltageMv.Length; )
        {
            var count = Math.Min(DrawsAtOnce, (voltageMv.Length - i + stride - 1) / stride);
            random.NextGaussians(draws[..count]);
            for (var n = 0; n < count; n++, i += stride)
            {
                var v = voltageMv[i] + (sd * draws[n]);
                voltageMv[i] = (float)(StepMv > 0 ? Math.Round(v / StepMv) * StepMv : v);
            }
        }
    }

    private static void AddDrift(Span<float> voltageMv, double line, double sine, int stride)
    {
        var step = (double)stride / voltageMv.Length;
        // A sine by turning a phasor: a call of one a sample would be half of the noise's cost.
        var (turnSin, turnCos) = Math.SinCos(Math.PI * step);
        var (sin, cos, share) = (0.0, 1.0, 0.0);
        for (var i = 0; i < voltageMv.Length; i += stride)
        {
            voltageMv[i] += (float)((line * share) + (sine * sin));
            (sin, cos) = ((sin * turnCos) + (cos * turnSin), (cos * turnCos) - (sin * turnSin));
            share += step;
        }
    }
}
