using System.ComponentModel.DataAnnotations;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The parameters that vary from trace to trace. Those not named keep the neuron config's value.</summary>
public sealed record ParametersDefinition
{
    /// <summary>The layout of the values.</summary>
    public required DesignKind Design { get; init; }

    /// <summary>
    /// For a grid: the values of each parameter, SI units, by the names of <see cref="GlifParameter.Keys"/>, one for every target at least.
    /// Enumerated in label order, whatever the order in the file. Empty for other designs.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Values
    {
        get;
        init => field = InLabelOrder(value);
    } = InLabelOrder<IReadOnlyList<double>>([]);

    /// <summary>For every design but a grid: the range of each parameter, SI units, one for every target at least. In label order. Empty for a grid.</summary>
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
