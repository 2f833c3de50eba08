using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace GlifMl.Pipelines;

/// <summary>
/// A place of a definition where several values are to be tried: <c>{sweep: [16, 32, 64]}</c>, or
/// <c>{sweep: {min: 1e-3, max: 1e-2, scale: log}}</c>. In a chain it may stand for a step, or for several that follow one another.
/// </summary>
internal static class SweepPoint
{
    /// <summary>The key, here and for how a sweep is searched.</summary>
    public const string Key = "sweep";

    /// <summary>What is to be tried at a node; null where it is no such place.</summary>
    public static MarkedNode? Of(MarkedNode node) =>
        node is MarkedNode.Mapping { Entries: [{ Key: Key, Value: var values }] } ? values : null;

    /// <summary>The first such place, or the search itself; null of a definition without.</summary>
    public static MarkedNode? First(MarkedNode.Mapping root) => root[Key] ?? FirstWithin(root, new(ReferenceEqualityComparer.Instance));

    /// <summary>How many nodes a definition has when every alias is written out, as choosing its values does.</summary>
    public static double WrittenOut(MarkedNode root) => WrittenOut(root, new(ReferenceEqualityComparer.Instance));

    // Aliases of aliases lead to one node by ten to the ninth ways: each is looked at once.
    private static MarkedNode? FirstWithin(MarkedNode node, HashSet<MarkedNode> seen) =>
        !seen.Add(node) ? null
        : Of(node) is not null ? node
        : Children(node).Select(child => FirstWithin(child, seen)).FirstOrDefault(found => found is not null);

    private static double WrittenOut(MarkedNode node, Dictionary<MarkedNode, double> known)
    {
        if (!known.TryGetValue(node, out var count))
            known[node] = count = 1 + Children(node).Sum(child => WrittenOut(child, known));
        return count;
    }

    private static IEnumerable<MarkedNode> Children(MarkedNode node) =>
        node switch
        {
            MarkedNode.Mapping mapping => mapping.Entries.Select(entry => entry.Value),
            MarkedNode.Sequence list => list.Items,
            _ => [],
        };
}

/// <summary>A range of numbers to be tried.</summary>
internal sealed record SweepRange : IValidatableObject
{
    /// <summary>Smallest number. Whole numbers at both ends make whole numbers between.</summary>
    public required double Min { get; init; }

    /// <summary>Largest number.</summary>
    public required double Max { get; init; }

    /// <summary>How many a grid has, ends included; random searches need none. Default null.</summary>
    [Range(2, 1000)]
    public int? Steps { get; init; }

    /// <summary>The scale on which they lie evenly. Default linear.</summary>
    public RangeScale Scale { get; init; }

    private bool IsWhole => double.IsInteger(Min) && double.IsInteger(Max) && Max < 1e9;

    /// <summary>The numbers of a grid, as a definition writes them.</summary>
    public IEnumerable<string> Values =>
        Enumerable.Range(0, Steps ?? 0).Select(n => At((double)n / (Steps!.Value - 1))).Distinct(StringComparer.Ordinal);

    /// <summary>The number that lies so far into the range, as a definition writes it.</summary>
    public string At(double share)
    {
        var value = new NumberRange
        {
            Min = Min,
            Max = Max,
            Scale = Scale,
        }.At(share);
        // Four digits tell two trials apart, and can be read.
        return IsWhole
            ? Math.Round(value).ToString(CultureInfo.InvariantCulture)
            : ScalarValues.Format(double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!(double.IsFinite(Min) && double.IsFinite(Max) && Max > Min))
            yield return new(Invariant.Text($"expected a finite number above min, {Min:R}"), [nameof(Max)]);
        if (Scale == RangeScale.Log && Min <= 0)
            yield return new("expected more than 0 on a log scale", [nameof(Min)]);
    }
}

/// <summary>How the values of a sweep are searched: a definition's top-level key <c>sweep</c>.</summary>
internal sealed record SweepDefinition
{
    /// <summary>Which combinations of the values are tried. Default: all, a grid.</summary>
    public SweepSearch Search { get; init; }

    /// <summary>How many combinations a random search or a halving begins with. Default 12; a grid has as many as it has.</summary>
    [Range(1, 10_000)]
    public int Trials { get; init; } = 12;

    /// <summary>
    /// Minutes that the trials may take, each counted when it is finished: none is begun that would, taking as long as those before, end
    /// after them. Default null: no limit.
    /// </summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? Minutes { get; init; }

    /// <summary>What the trials are ranked by, on the validation traces. Default: what is left by parameter.</summary>
    public SweepMeasure By { get; init; }

    /// <summary>Seed of a random search; at least 0. Default 1.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>Another definition with a grid: its trials are run too, and stand in the same table and figures. Default none.</summary>
    [InputFile]
    public string? Also { get; init; }
}

/// <summary>Which combinations of values a sweep tries.</summary>
internal enum SweepSearch
{
    /// <summary>Every combination.</summary>
    Grid,

    /// <summary>Combinations drawn at random, each once.</summary>
    Random,

    /// <summary>
    /// Combinations drawn at random, all on a few training traces, then the better third of them on three times as many, and so on to all
    /// traces (successive halving).
    /// </summary>
    Halving,
}

/// <summary>What a sweep ranks its trials by, on the validation traces.</summary>
internal enum SweepMeasure
{
    /// <summary>What is left to learn, as the mean over the parameters: each counts alike.</summary>
    Left,

    /// <summary>The score, the mean squared error in the study's label units: a live dt outweighs the others.</summary>
    Score,
}
