using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators.TraceFeatures;

/// <summary>Which numbers describe a trace, besides those that always do.</summary>
public sealed record TraceFeaturesOptions : IValidatableObject
{
    /// <summary>Quantiles of the voltage, 0 to 1, by nearest rank from below. Default 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

    /// <summary>
    /// Lags of the voltage's autocorrelation, samples, increasing, at least 1. Default 1, 4, 16, 64, 256, 1024; those not shorter than the trace
    /// are left out.
    /// </summary>
    public IReadOnlyList<int> Lags { get; init; } = [1, 4, 16, 64, 256, 1024];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Quantiles.All(q => q is >= 0 and <= 1))
            yield return new("expected numbers from 0 to 1", [nameof(Quantiles)]);
        if (Lags.Any(l => l < 1) || Lags.Zip(Lags.Skip(1)).Any(p => p.First >= p.Second))
            yield return new("expected increasing whole numbers of at least 1", [nameof(Lags)]);
    }
}
