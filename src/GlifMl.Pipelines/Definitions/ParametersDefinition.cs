using System.ComponentModel.DataAnnotations;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The parameters that vary from trace to trace. Those not named keep the neuron config's value.</summary>
public sealed record ParametersDefinition
{
    /// <summary>The layout of the values.</summary>
    public required DesignKind Design { get; init; }

    /// <summary>
    /// For a grid: the values of each parameter, SI units, by Allen key, one for every target at least.
    /// Enumerated in label order, whatever the order in the file. Empty for other designs.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Values
    {
        get;
        init => field = InLabelOrder(value);
    } = InLabelOrder<IReadOnlyList<double>>([]);

    /// <summary>
    /// For every design but a grid: the range of each parameter, SI units, one for every target at least. In label order. Empty for a grid.
    /// </summary>
    public IReadOnlyDictionary<string, NumberRange> Ranges
    {
        get;
        init => field = InLabelOrder(value);
    } = InLabelOrder<NumberRange>([]);

    /// <summary>For a Latin hypercube: how many points it is stratified over. Default null: the sum of the splits' traces.</summary>
    [Range(1, int.MaxValue)]
    public int? Count { get; init; }

    /// <summary>For a grid: how many combinations of the values there are.</summary>
    internal long Configurations => Values.Values.Aggregate(1L, (product, values) => product * values.Count);

    private static OrderedDictionary<string, T> InLabelOrder<T>(IEnumerable<KeyValuePair<string, T>> parameters) =>
        new(GlifParameter.InLabelOrder(parameters));
}

/// <summary>How parameter values are laid out over their ranges.</summary>
public enum DesignKind
{
    /// <summary>Every combination of the listed values.</summary>
    Grid,

    /// <summary>A Sobol low-discrepancy sequence over the ranges.</summary>
    Sobol,

    /// <summary>One point in each of <see cref="ParametersDefinition.Count"/> strata of every range.</summary>
    LatinHypercube,

    /// <summary>Independent draws from the ranges.</summary>
    Uniform,
}

/// <summary>A number, or the range it is drawn from. A definition writes <c>0.2</c> or <c>{min: 60, max: 500, scale: log}</c>.</summary>
public sealed record NumberRange : IValidatableObject
{
    /// <summary>Smallest value; the unit is that of the key it stands under.</summary>
    public required double Min { get; init; }

    /// <summary>Largest value, at least <see cref="Min"/>.</summary>
    public required double Max { get; init; }

    /// <summary>The scale the range is covered on. Default linear.</summary>
    public RangeScale Scale { get; init; }

    /// <summary>Whether the range is one number and nothing is drawn.</summary>
    public bool IsFixed => Min == Max;

    /// <summary>A range that is one number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The range from <paramref name="value"/> to itself.</returns>
    public static NumberRange Fixed(double value) => new() { Min = value, Max = value };

    /// <summary>
    /// The value that lies so far into the range, on the range's own scale: <see cref="Min"/> at 0, <see cref="Max"/> at 1.
    /// </summary>
    internal double At(double share) =>
        this switch
        {
            { IsFixed: true } => Min,
            { Scale: RangeScale.Log } => Min * Math.Pow(Max / Min, share),
            { Scale: RangeScale.Linear } => Min + ((Max - Min) * share),
            _ => Parameter("").At(share),
        };

    /// <summary>The range of a parameter in a design.</summary>
    internal ParameterRange Parameter(string key) =>
        new(key, Min, Max, IsRatio) { IsNormal = Scale is RangeScale.Normal or RangeScale.LogNormal };

    /// <summary>Whether ratios rather than differences count.</summary>
    internal bool IsRatio => Scale is RangeScale.Log or RangeScale.LogNormal;

    /// <summary>How far into the range a value lies, on the range's own scale: 0 at <see cref="Min"/>, 1 at <see cref="Max"/>.</summary>
    internal double ShareOf(double value) => IsRatio ? Math.Log(value / Min) / Math.Log(Max / Min) : (value - Min) / (Max - Min);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!double.IsFinite(Min))
            yield return new("expected a finite number", [nameof(Min)]);
        if (!double.IsFinite(Max))
            yield return new("expected a finite number", [nameof(Max)]);
        else if (Max < Min)
            yield return new(Invariant.Text($"expected at least min, {Min:R}"), [nameof(Max)]);
        if (IsRatio && Min <= 0)
            yield return new("expected more than 0 on a log scale", [nameof(Min)]);
    }
}

/// <summary>The scale on which a range is covered evenly.</summary>
public enum RangeScale
{
    /// <summary>Evenly in the value itself.</summary>
    Linear,

    /// <summary>Evenly in the value's logarithm; both ends are above zero.</summary>
    Log,

    /// <summary>Normally: 95 % of all lie from min to max.</summary>
    Normal,

    /// <summary>Normally in the value's logarithm: 95 % of all lie from min to max, which are above zero.</summary>
    LogNormal,
}
