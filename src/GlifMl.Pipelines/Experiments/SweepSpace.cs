using System.Security.Cryptography;
using System.Text;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>All that a definition with several values at some places can be.</summary>
internal sealed class SweepSpace
{
    /// <summary>More than anybody runs; without a bound a hostile file would exhaust the memory.</summary>
    private const int MostVariants = 10_000;
    private const double MostNodes = 100_000;
    private const string Chain = "pipeline",
        Then = " + ";

    private readonly DefinitionTree _tree;
    private readonly DefinitionContext _context;

    /// <exception cref="DefinitionException">Nothing is swept, or a range is none.</exception>
    public SweepSpace(DefinitionTree tree, DefinitionContext context, SweepSearch search)
    {
        (_tree, _context) = (tree.With(tree.Root.Without(SweepPoint.Key)), context);
        if (SweepPoint.First(_tree.Root) is null)
            throw new DefinitionException([
                new(tree.Root.Mark, "found no value to sweep; expected one, as in hidden: {sweep: [16, 32, 64]}"),
            ]);
        if (SweepPoint.WrittenOut(_tree.Root) is var nodes and > MostNodes)
            throw new DefinitionException([
                new(tree.Root.Mark, Invariant.Text($"sweep: found aliases that stand for {nodes:G3} values; expected at most {MostNodes}")),
            ]);
        if (search == SweepSearch.Grid && Count(_tree.Root) is var count and > MostVariants)
            throw new DefinitionException([
                new(
                    tree.Root.Mark,
                    Invariant.Text($"sweep: found {count:0} combinations; expected at most {MostVariants}, or search: random")
                ),
            ]);
    }

    /// <summary>Every combination, in the order written: the last value changes first.</summary>
    public IReadOnlyList<SweepVariant> Grid() => [.. Variants(_tree.Root, "", Listed).Select(Finished)];

    /// <summary>Combinations at random, each once.</summary>
    /// <param name="count">How many; fewer where there are no more.</param>
    /// <param name="seed">Where the draws come from.</param>
    public IReadOnlyList<SweepVariant> Draw(int count, int seed)
    {
        const int Attempts = 50;
        var drawn = new OrderedDictionary<string, SweepVariant>();
        for (var n = 0; n < count * Attempts && drawn.Count < count; n++)
        {
            var random = new SeededRandom((ulong)seed, RandomStreams.SweepTrials, n);
            var variant = Finished(Variants(_tree.Root, "", values => [Drawn(values, random)]).Single());
            drawn.TryAdd(variant.Name, variant);
        }

        return [.. drawn.Values];
    }

    private SweepVariant Finished(Partial partial)
    {
        var words = string.Join(';', partial.Values.Select(value => $"{value.Key}={value.Value}"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(words)))[..6];
        // A choice of steps is told by its last, which most often is the trainer.
        var slug = string.Join(
            '_',
            partial.Values.Select(value => IsStep(value.Key) ? value.Value.Split(Then)[^1] : $"{value.Key.Split('.')[^1]}-{value.Value}")
        );
        var plain = string.Concat(slug.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        return new($"{(plain.Length > 60 ? plain[..60] : plain)}-{hash}", _tree.With((MarkedNode.Mapping)partial.Node), partial.Values);
    }

    private static Partial[] Variants(MarkedNode node, string path, Func<MarkedNode, IEnumerable<MarkedNode>> pick)
    {
        if (SweepPoint.Of(node) is { } values)
        {
            // What is within a step is found by the step's name, whichever choice it is of.
            var within = IsStep(path) ? Chain : path;
            return
            [
                .. pick(values)
                    .SelectMany(choice =>
                        Variants(choice, within, pick)
                            .Select(variant =>
                                variant with
                                {
                                    Values = [new SweptValue(path, Words(choice, IsStep(path))), .. variant.Values],
                                }
                            )
                    ),
            ];
        }

        return node switch
        {
            MarkedNode.Mapping mapping =>
            [
                .. Product(mapping.Entries.Select(entry => Variants(entry.Value, Joined(path, entry.Key), pick)))
                    .Select(parts => new Partial(
                        mapping with
                        {
                            Entries = [.. mapping.Entries.Zip(parts, (entry, part) => entry with { Value = part.Node })],
                        },
                        [.. parts.SelectMany(part => part.Values)]
                    )),
            ],
            MarkedNode.Sequence list =>
            [
                .. Product(list.Items.Select((item, i) => Variants(item, ItemPath(list, path, i), pick)))
                    .Select(parts => new Partial(
                        list with
                        {
                            Items = [.. parts.SelectMany((part, i) => Spliced(path, list.Items[i], part.Node))],
                        },
                        [.. parts.SelectMany(part => part.Values)]
                    )),
            ],
            _ => [new Partial(node, [])],
        };
    }

    /// <summary>A choice of a chain that is a list stands for its steps one after the other.</summary>
    private static IEnumerable<MarkedNode> Spliced(string path, MarkedNode item, MarkedNode chosen) =>
        path == Chain && SweepPoint.Of(item) is not null && chosen is MarkedNode.Sequence steps ? steps.Items : [chosen];

    /// <summary>A step's options are found by its name, as --set finds them.</summary>
    private static string ItemPath(MarkedNode.Sequence list, string path, int i) =>
        path == Chain && SweepPoint.Of(list.Items[i]) is null && IsOnlyOfItsName(list, i) ? path : Joined(path, $"{i}");

    private static bool IsStep(string path) =>
        path.StartsWith($"{Chain}.", StringComparison.Ordinal) && path.AsSpan(Chain.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsOnlyOfItsName(MarkedNode.Sequence list, int i) =>
        list.Items[i] is MarkedNode.Mapping { Entries: [var step] }
        && list.Items.OfType<MarkedNode.Mapping>().Count(other => other.Entries is [var one] && one.Key == step.Key) == 1;

    private static string Joined(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>A choice in a table: a value as it is written, steps by their names.</summary>
    private static string Words(MarkedNode choice, bool isStep) =>
        choice switch
        {
            MarkedNode.Scalar scalar => scalar.IsNull ? "~" : scalar.Text,
            MarkedNode.Mapping { Entries: [var step] } when isStep => step.Key,
            MarkedNode.Sequence steps when isStep => string.Join(Then, steps.Items.Select(step => Words(step, isStep))),
            _ => choice.Shown,
        };

    private static IEnumerable<Partial[]> Product(IEnumerable<Partial[]> parts) =>
        parts.Aggregate(
            (IEnumerable<Partial[]>)
                [
                    [],
                ],
            (before, next) => before.SelectMany(some => next.Select(one => (Partial[])[.. some, one]))
        );

    private double Count(MarkedNode node) =>
        SweepPoint.Of(node) is { } values ? Listed(values).Sum(Count)
        : node is MarkedNode.Mapping mapping ? mapping.Entries.Aggregate(1.0, (product, entry) => product * Count(entry.Value))
        : node is MarkedNode.Sequence list ? list.Items.Aggregate(1.0, (product, item) => product * Count(item))
        : 1;

    private IEnumerable<MarkedNode> Listed(MarkedNode values)
    {
        if (values is MarkedNode.Sequence { Items: { Count: > 0 } items })
            return items;
        var range = Range(values);
        return range.Steps is null
            ? throw Fault(values, "expected steps, how many a grid has, or search: random")
            : range.Values.Select(text => new MarkedNode.Scalar(text, IsPlain: true, values.Mark));
    }

    private MarkedNode Drawn(MarkedNode values, SeededRandom random) =>
        values is MarkedNode.Sequence { Items: { Count: > 0 } items }
            ? items[(int)random.NextBelow(items.Count)]
            : new MarkedNode.Scalar(Range(values).At(random.NextDouble()), IsPlain: true, values.Mark);

    private SweepRange Range(MarkedNode values)
    {
        if (values is not MarkedNode.Mapping)
            throw Fault(values, "expected a list of values, or a range {min, max, steps, scale}");
        var faults = new DefinitionFaults();
        var range = new YamlBinder(faults, DefinitionConverters.For(_context)).Bind(typeof(SweepRange), values, SweepPoint.Key);
        return faults.Count == 0 ? (SweepRange)range! : throw faults.ToException(_tree.Files);
    }

    private static DefinitionException Fault(MarkedNode values, string expected) =>
        new([new(values.Mark, $"{SweepPoint.Key}: found {values.Shown}; {expected}")]);

    private sealed record Partial(MarkedNode Node, SweptValue[] Values);
}

/// <summary>One of the definitions of a sweep.</summary>
/// <param name="Name">A folder's name, from the values.</param>
/// <param name="Tree">The definition with one value at each place.</param>
/// <param name="Values">What was chosen.</param>
internal sealed record SweepVariant(string Name, DefinitionTree Tree, IReadOnlyList<SweptValue> Values);
