using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>Which numbers describe a trace.</summary>
public sealed record TraceFeaturesOptions : IValidatableObject
{
    // A window of two samples has one change, and a line needs two.
    private const int ShortestWindow = 3;

    /// <summary>
    /// Which groups of numbers, whose order does not matter. Default null: all that the trace allows, so those of the stimulus where it is there. Where all training
    /// traces share one current, groups that depend on it let a trainer memorise it; <c>least-squares</c> and, within the first pulse, <c>relaxation</c> do not.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<TraceFeatureGroup>? Groups { get; init; }

    /// <summary>Quantiles of the voltage, 0 to 1, by nearest rank from below. Default 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

    /// <summary>
    /// Lags of the voltage's autocorrelation, samples, increasing, at least 1. Default 1, 4, 16, 64, 256, 1024; those not shorter than the trace
    /// are left out.
    /// </summary>
    public IReadOnlyList<int> Lags { get; init; } = [1, 4, 16, 64, 256, 1024];

    /// <summary>
    /// Windows of the relaxation from the trace's start on, samples, increasing, at least 3. Default 20, 50, 200, 500, 2000: a 10 ms pulse is 50 samples at 5 kHz and
    /// 2,000 at 200 kHz. Those longer than the trace are left out.
    /// </summary>
    public IReadOnlyList<int> Windows { get; init; } = [20, 50, 200, 500, 2000];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Quantiles.Count == 0 && Groups is [TraceFeatureGroup.Quantiles])
            yield return new("expected at least one, because no other group is asked for", [nameof(Quantiles)]);
        if (!Quantiles.All(q => q is >= 0 and <= 1))
            yield return new("expected numbers from 0 to 1", [nameof(Quantiles)]);
        if (!Increase(Lags, least: 1))
            yield return new("expected increasing whole numbers of at least 1", [nameof(Lags)]);
        if (!Increase(Windows, ShortestWindow))
            yield return new($"expected increasing whole numbers of at least {ShortestWindow}", [nameof(Windows)]);
    }

    private static bool Increase(IReadOnlyList<int> numbers, int least) =>
        numbers.All(n => n >= least) && numbers.Zip(numbers.Skip(1)).All(p => p.First < p.Second);
}
