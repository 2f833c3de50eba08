using GlifMl.Pipelines.Definitions;
using GlifMl.Simulation;

namespace GlifMl.Pipelines.Generation;

/// <summary>
/// Which configuration each trace of a split has.
/// </summary>
/// <remarks>
/// A grid has so many configurations, each once a sweep; splits that share a stimulus and its sweeps draw without replacement from one
/// shuffled list of them, in the order train, validation, test. Held-out cells are in the test split's list alone. Other designs go on
/// for ever: each split takes the next points, so no two splits share a configuration.
/// </remarks>
internal sealed class TraceNumbering
{
    private readonly int[]? _order;
    private readonly long _first, _configurations;

    private TraceNumbering(long count, long first, long configurations, int[]? order) =>
        (Count, _first, _configurations, _order) = (count, first, configurations, order);

    /// <summary>Traces of the split.</summary>
    public long Count { get; }

    /// <summary>Number of a trace's configuration in the design.</summary>
    public long Configuration(long trace) => _order is null ? _first + trace : _order[_first + trace] % _configurations;

    /// <summary>The numbering of a split.</summary>
    /// <exception cref="InvalidDataException">The splits ask for more traces than the grid and its sweeps have.</exception>
    public static TraceNumbering Of(PipelineDefinition definition, string split, Simulation.Designs.ParameterDesign design)
    {
        var target = definition.Dataset.Splits.Present.Single(s => s.Name == split).Split;
        if (definition.Dataset.Parameters.Design != ParameterDesign.Grid)
        {
            var before = definition.Dataset.Splits.Present.TakeWhile(s => s.Name != split).Sum(s => (long)s.Split.Traces.Number!.Value);
            return new TraceNumbering(target.Traces.Number!.Value, before, 0, order: null);
        }

        var configurations = design.Count!.Value;
        var heldOut = split == "test" ? null : HeldOutCells.Of(definition, design);
        var free = heldOut is null ? configurations : Enumerable.Range(0, (int)configurations).Count(c => !heldOut.Contains(c));
        var pool = free * target.Sweeps;
        long Traces(SplitDefinition s) => s.Traces.Number ?? pool;
        var sharing = definition.Dataset.Splits.Present.Where(s => s.Split.Stimulus == target.Stimulus && s.Split.Sweeps == target.Sweeps).ToArray();
        var asked = sharing.Sum(s => Traces(s.Split));
        if (asked > pool)
        {
            throw new InvalidDataException(
                $"{string.Join(" and ", sharing.Select(s => $"dataset.splits.{s.Name}"))} ask for {asked} traces of {target.Stimulus.Name}; "
                + $"expected at most {pool}, which is {free} configurations x {target.Sweeps} sweeps");
        }

        var first = sharing.TakeWhile(s => s.Name != split).Sum(s => Traces(s.Split));
        // All of a grid in its own order: shuffling it would only make the shards harder to read.
        var all = (int)configurations * target.Sweeps;
        var order = asked == pool && sharing.Length == 1
            ? Enumerable.Range(0, all).ToArray()
            : new SeededRandom((ulong)definition.Seed, $"traces {target.Stimulus.Name} x {target.Sweeps}").NextPermutation(all);
        if (heldOut is not null)
            order = [.. order.Where(trace => !heldOut.Contains(trace % configurations))];
        return new TraceNumbering(Traces(target), first, configurations, order);
    }
}
