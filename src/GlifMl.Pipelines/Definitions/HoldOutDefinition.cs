using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>
/// Whole cells of parameter space that training and validation never see. In a grid a cell is one combination of the values of
/// <see cref="Keys"/>, in other designs one combination of <see cref="Parts"/> of their ranges; with everything the other parameters do.
/// Which cells are left out follows from the definition's seed.
/// </summary>
public sealed record HoldOutDefinition
{
    private const int DefaultParts = 4;

    /// <summary>
    /// The parameters whose combinations are cells, by Allen key. Default: C, El and R_input, which a trace tells apart before any spike.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<string> Keys { get; init; } =
    [GlifParameter.Capacitance, GlifParameter.RestingPotential, GlifParameter.InputResistance];

    /// <summary>Share of the cells that are left out, rounded to whole cells. Default 0.2; above 0 and below 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Share { get; init; } = 0.2;

    /// <summary>
    /// For every design but a grid: into how many parts of equal length, on the range's own scale, each key's range is cut. Default null:
    /// 4, which makes 64 cells of three keys. At least 2. A grid's cells are its values, and it takes none.
    /// </summary>
    [Range(2, int.MaxValue)]
    public int? Parts { get; init; }

    /// <summary>The parts in force.</summary>
    internal int PartsOrDefault => Parts ?? DefaultParts;

    /// <summary>How many cells there are.</summary>
    /// <param name="parameters">Parameters that vary every one of <see cref="Keys"/>.</param>
    internal double CellsOf(ParametersDefinition parameters) =>
        Keys.Aggregate(
            1.0,
            (product, key) => product * (parameters.Design == DesignKind.Grid ? parameters.Values[key].Count : PartsOrDefault)
        );

    /// <summary>How many cells are left out.</summary>
    /// <param name="cells">How many there are.</param>
    internal long HeldOutOf(long cells) => (long)Math.Round(Share * cells, MidpointRounding.AwayFromZero);
}

/// <summary>What makes <c>dataset.hold_out</c> a part of parameter space that can be left out.</summary>
internal sealed class HoldOutRules(MarkedNode.Mapping root, YamlBinder binder)
{
    private const string Here = "dataset.hold_out";

    // More cells than any test split has traces tell nothing, and each takes a byte.
    private const int MostCells = 1_000_000;

    /// <summary>Reports every broken rule.</summary>
    /// <returns>The definition's hold-out where it can be carried out; null where it has none or a faulty one.</returns>
    public HoldOutDefinition? Check(ParametersDefinition parameters)
    {
        if (
            (root["dataset"] as MarkedNode.Mapping)?["hold_out"] is not { } node
            || binder.Clean<HoldOutDefinition>(node) is not { } holdOut
        )
            return null;
        var before = binder.Faults.Count;
        CheckDesign(node, holdOut, parameters);
        CheckKeys(node, holdOut, parameters);
        if (binder.Faults.Count == before)
            CheckCells(node, holdOut, parameters);
        return binder.Faults.Count == before ? holdOut : null;
    }

    /// <summary>Configurations of a grid outside the held-out cells.</summary>
    public static long Left(ParametersDefinition parameters, HoldOutDefinition holdOut)
    {
        var cells = (long)holdOut.CellsOf(parameters);
        return parameters.Configurations / cells * (cells - holdOut.HeldOutOf(cells));
    }

    private void CheckDesign(MarkedNode node, HoldOutDefinition holdOut, ParametersDefinition parameters)
    {
        if (parameters.Design == DesignKind.Grid && holdOut.Parts is not null)
            binder.Faults.Add(
                At(node, "parts").Mark,
                $"{Here}: found parts, but the design is grid, whose cells are its values; expected none"
            );
        if (parameters is { Design: DesignKind.LatinHypercube, Count: null })
            binder.Faults.Add(
                node.Mark,
                $"{Here}: found no dataset.parameters.count; expected one, "
                    + "because a Latin hypercube has as many points and some of them are left out"
            );
    }

    private void CheckKeys(MarkedNode node, HoldOutDefinition holdOut, ParametersDefinition parameters)
    {
        var isGrid = parameters.Design == DesignKind.Grid;
        string[] varied = isGrid ? [.. parameters.Values.Keys] : [.. parameters.Ranges.Keys];
        var keys = (node as MarkedNode.Mapping)?["keys"] as MarkedNode.Sequence;
        for (var i = 0; i < holdOut.Keys.Count; i++)
        {
            var (key, mark) = (holdOut.Keys[i], keys?.Items[i].Mark ?? node.Mark);
            if (!varied.Contains(key))
                binder.Faults.Add(
                    mark,
                    $"{Here}.keys: found {Quoted.Of(key)}, which the {(isGrid ? "grid" : "design")} does not vary; "
                        + UnknownName.Advice(key, varied)
                );
            else if (holdOut.Keys.Take(i).Contains(key))
                binder.Faults.Add(mark, $"{Here}.keys: found '{key}' twice; expected it once");
        }
    }

    private void CheckCells(MarkedNode node, HoldOutDefinition holdOut, ParametersDefinition parameters)
    {
        var cells = holdOut.CellsOf(parameters);
        if (cells > MostCells)
            binder.Faults.Add(
                At(node, "parts").Mark,
                Invariant.Text($"{Here}: found {cells:G3} cells of {holdOut.Keys.Count} keys; expected at most {MostCells}")
            );
        else if (holdOut.HeldOutOf((long)cells) is var left && (left < 1 || left >= cells))
            binder.Faults.Add(
                At(node, "share").Mark,
                $"{Here}.share: found {ScalarValues.Format(holdOut.Share)}, which leaves out {left} of {cells} cells; "
                    + "expected at least 1 and not all"
            );
    }

    private static MarkedNode At(MarkedNode node, string key) => (node as MarkedNode.Mapping)?[key] ?? node;
}
