using System.Collections.Concurrent;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Which configuration each trace of a split has.
/// </summary>
/// <remarks>
/// A grid has so many configurations, each once a sweep; splits that share a stimulus and its sweeps draw without replacement from one
/// shuffled list of them, in the order train, validation, test. Other designs go on for ever: each split takes the next points, so no two
/// splits share a configuration. Held-out cells are in the test split alone: training and validation pass over them.
/// Training traces without end have the points of as many shards in their first epoch, and then those behind all splits', so that no epoch
/// meets a configuration of another, of validation or of the test; of a grid they have all configurations, then all of them again in
/// another order.
/// </remarks>
internal sealed class TraceNumbering
{
    private readonly Func<long, long> _configurationOf;

    private TraceNumbering(long count, Func<long, long> configurationOf) => (Count, _configurationOf) = (count, configurationOf);

    /// <summary>Traces of the split.</summary>
    public long Count { get; }

    /// <summary>Number of a trace's configuration in the design.</summary>
    public long Configuration(long trace) => _configurationOf(trace);

    /// <summary>The numbering of a split.</summary>
    /// <exception cref="InvalidDataException">
    /// The splits ask for more traces than the grid and its sweeps, or a Latin hypercube, have.
    /// </exception>
    public static TraceNumbering Of(PipelineDefinition definition, string split, ParameterDesign design)
    {
        var isEndless = definition.Dataset.Splits.Named(split).IsEndless;
        var heldOut = split == "test" ? null : HeldOutCells.Of(definition, design);
        if (definition.Dataset.Parameters.Design == DesignKind.Grid)
            return isEndless ? OfGridAgain(heldOut, definition, split, design) : OfGrid(definition, split, design);
        var numbering = heldOut is null ? OfNextPoints(definition, split, design) : OfPointsOutside(heldOut, definition, split, design);
        return isEndless ? GoOn(numbering, heldOut, definition, design) : numbering;
    }

    /// <summary>A first epoch's points, then those behind all splits' that lie outside the held-out cells.</summary>
    private static TraceNumbering GoOn(TraceNumbering first, HeldOutCells? heldOut, PipelineDefinition definition, ParameterDesign design)
    {
        var behind = FirstPoint(definition, "test") + definition.Dataset.Splits.Test.Traces.Number!.Value;
        if (heldOut is null)
            return new(first.Count, trace => trace < first.Count ? first.Configuration(trace) : behind + trace - first.Count);

        foreach (var (name, _) in definition.Dataset.Splits.Present.TakeWhile(s => s.Name != "test"))
        {
            var points = name == "train" ? first : OfPointsOutside(heldOut, definition, name, design);
            behind = Math.Max(behind, points.Configuration(points.Count - 1) + 1);
        }

        // Which point a trace has depends on how many were passed over before it: they are looked for in order, and kept.
        var found = new List<long>();
        return new(
            first.Count,
            trace =>
            {
                if (trace < first.Count)
                    return first.Configuration(trace);
                lock (found)
                {
                    while (found.Count <= trace - first.Count)
                    {
                        while (heldOut.Contains(behind))
                            behind++;
                        found.Add(behind++);
                    }

                    return found[(int)(trace - first.Count)];
                }
            }
        );
    }

    /// <summary>All configurations of a grid outside the held-out cells, each once, again and again, every time in another order.</summary>
    private static TraceNumbering OfGridAgain(HeldOutCells? heldOut, PipelineDefinition definition, string split, ParameterDesign design)
    {
        var target = definition.Dataset.Splits.Named(split);
        int[] free = [.. Enumerable.Range(0, (int)design.Count!.Value).Where(c => heldOut?.Contains(c) != true)];
        var stream = RandomStreams.GridTraces(Injected(target.Stimulus), target.Sweeps);
        var orders = new ConcurrentDictionary<long, int[]>();
        return new(
            target.Traces.Number ?? (free.Length * target.Sweeps),
            trace =>
            {
                var (pass, place) = Math.DivRem(trace, free.Length);
                // The first order of the stream is that of splits in shards.
                return free[
                    orders.GetOrAdd(pass, p => new SeededRandom((ulong)definition.Seed, stream, p + 1).NextPermutation(free.Length))[place]
                ];
            }
        );
    }

    private static TraceNumbering OfNextPoints(PipelineDefinition definition, string split, ParameterDesign design)
    {
        var first = FirstPoint(definition, split);
        var count = definition.Dataset.Splits.Named(split).Traces.Number!.Value;
        return first + count > design.Count
            ? throw TooFew(split, count, design, Math.Max(0, design.Count.Value - first))
            : new TraceNumbering(count, trace => first + trace);
    }

    /// <summary>
    /// The next points outside the held-out cells and outside the test, which has the points that it has without them, of both kinds. Walks
    /// the design from its first point: which points a split has depends on how many the splits before it passed over.
    /// </summary>
    private static TraceNumbering OfPointsOutside(HeldOutCells heldOut, PipelineDefinition definition, string split, ParameterDesign design)
    {
        var test = FirstPoint(definition, "test");
        var afterTest = test + definition.Dataset.Splits.Test.Traces.Number!.Value;
        var (next, end) = (0L, design.Count ?? long.MaxValue);
        var points = Array.Empty<long>();
        foreach (var (name, current) in definition.Dataset.Splits.Present.TakeWhile(s => s.Name != "test"))
        {
            points = new long[current.Traces.Number!.Value];
            for (var trace = 0; trace < points.Length; trace++)
            {
                while (next < end && ((next >= test && next < afterTest) || heldOut.Contains(next)))
                    next++;
                if (next >= end)
                    throw TooFew(name, points.Length, design, trace, " outside the held-out cells");
                points[trace] = next++;
            }

            if (name == split)
                break;
        }

        return new TraceNumbering(points.Length, trace => points[trace]);
    }

    private static long FirstPoint(PipelineDefinition definition, string split) =>
        definition.Dataset.Splits.Present.TakeWhile(s => s.Name != split).Sum(s => (long)s.Split.Traces.Number!.Value);

    private static InvalidDataException TooFew(string split, long asked, ParameterDesign design, long found, string where = "") =>
        new(
            $"dataset.splits.{split}.traces: found {found} points left{where} of the design's {design.Count}; "
                + $"expected {asked}, one a trace: raise dataset.parameters.count"
        );

    private static TraceNumbering OfGrid(PipelineDefinition definition, string split, ParameterDesign design)
    {
        var target = definition.Dataset.Splits.Named(split);
        var configurations = design.Count!.Value;
        var heldOut = split == "test" ? null : HeldOutCells.Of(definition, design);
        if (heldOut is not null)
            RequireList(split, configurations * target.Sweeps);
        var free = heldOut is null ? configurations : Enumerable.Range(0, (int)configurations).Count(c => !heldOut.Contains(c));
        var pool = free * target.Sweeps;
        long Traces(SplitDefinition s) => s.Traces.Number ?? pool;
        var sharing = definition
            .Dataset.Splits.Stored.Where(s => s.Split.Stimulus.Equals(target.Stimulus) && s.Split.Sweeps == target.Sweeps)
            .ToArray();
        var asked = sharing.Sum(s => Traces(s.Split));
        if (asked > pool)
        {
            var splits = string.Join(" and ", sharing.Select(s => $"dataset.splits.{s.Name}"));
            throw new InvalidDataException(
                $"{splits}: found {asked} traces of {target.Stimulus.Name}; "
                    + $"expected at most {pool}, which is {free} configurations x {target.Sweeps} sweeps"
            );
        }

        var first = sharing.TakeWhile(s => s.Name != split).Sum(s => Traces(s.Split));
        // All of a grid in its own order: shuffling it would only make the shards harder to read, and the list of a billion takes 4 GB.
        var isInOrder = asked == pool && sharing.Length == 1;
        if (isInOrder && heldOut is null)
            return new TraceNumbering(pool, trace => trace % configurations);
        RequireList(split, configurations * target.Sweeps);
        var all = (int)configurations * target.Sweeps;
        var order = isInOrder
            ? Enumerable.Range(0, all).ToArray()
            : new SeededRandom((ulong)definition.Seed, RandomStreams.GridTraces(Injected(target.Stimulus), target.Sweeps)).NextPermutation(
                all
            );
        if (heldOut is not null)
            order = [.. order.Where(trace => !heldOut.Contains(trace % configurations))];
        return new TraceNumbering(Traces(target), trace => order[first + trace] % configurations);
    }

    private static void RequireList(string split, long traces)
    {
        if (traces > Array.MaxLength)
            throw new InvalidDataException(
                $"dataset.splits.{split}: found a grid of {traces} traces of which some are drawn or held out; "
                    + $"expected at most {Array.MaxLength}, or all of the grid"
            );
    }

    /// <summary>
    /// A split's stimuli in the name of its random stream: a file counts by its contents, wherever it lies, as in the dataset's hash.
    /// </summary>
    private static string Injected(StimulusMixture mixture) =>
        string.Join(" + ", mixture.Stimuli.Select(s => s.IsFile ? DatasetHash.ContentText(s.Name) : s.Name));
}
