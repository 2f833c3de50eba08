using System.ComponentModel.DataAnnotations;
using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>
/// Whole cells of parameter space that training and validation never see. In a grid a cell is one combination of the values of <see cref="Keys"/>, in
/// other designs one combination of <see cref="Parts"/> of their ranges; with everything the other parameters do. Which cells are left out follows from
/// the definition's seed.
/// </summary>
public sealed record HoldOutDefinition
{
    private const int DefaultParts = 4;

    /// <summary>The parameters whose combinations are cells, by Allen key. Default: C, El and R_input, which a trace tells apart before any spike.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Keys { get; init; } =
    [GlifParameter.Capacitance, GlifParameter.RestingPotential, GlifParameter.InputResistance];

    /// <summary>Share of the cells that are left out, rounded to whole cells. Default 0.2; above 0 and below 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Share { get; init; } = 0.2;

    /// <summary>
    /// For every design but a grid: into how many parts of equal length, on the range's own scale, each key's range is cut. Default null: 4, which makes
    /// 64 cells of three keys. At least 2. A grid's cells are its values, and it takes none.
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
