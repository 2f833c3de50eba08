using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>A linear model of the features, by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013) in ML.NET.</summary>
public sealed record LinearOptions : MultiOutputOptions
{
    /// <summary>Creates the defaults, with <see cref="MultiOutputOptions.Standardise"/> true.</summary>
    public LinearOptions() => Standardise = true;

    /// <summary>Weight of the squared weights in the loss. Default 1e-4; above 0, or ML.NET's own choice is taken when null.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? L2 { get; init; } = 1e-4;

    /// <summary>Weight of the absolute weights in the loss, which drives useless ones to 0. Default 0; at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double L1 { get; init; }

    /// <summary>Passes over the training rows, at most. Default 200; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Iterations { get; init; } = 200;

    /// <summary>Training ends earlier when the duality gap relative to the loss is below this. Default 1e-4; above 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double Tolerance { get; init; } = 1e-4;
}
