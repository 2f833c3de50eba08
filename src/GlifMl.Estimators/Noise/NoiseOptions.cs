using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators.Noise;

/// <summary>What a recording adds to a simulated voltage.</summary>
public sealed record NoiseOptions
{
    /// <summary>Standard deviation of white recording noise, mV. Default 0.2; at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double SdMv { get; init; } = 0.2;

    /// <summary>The converter's step, mV: voltages are rounded to its multiples. Default 0: not rounded.</summary>
    [Range(0, double.MaxValue)]
    public double StepMv { get; init; }

    /// <summary>Seed. Default null: the definition's.</summary>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }
}
