using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines.Definitions;

/// <summary>
/// Whole cells of a grid that training and validation never see. A cell is one combination of the values of <see cref="Keys"/>, with every value of
/// the other parameters; which cells are left out follows from the definition's seed.
/// </summary>
public sealed record HoldOutDefinition
{
    /// <summary>The parameters whose combinations are cells, by Allen key. Default: C, El and R_input, which a trace tells apart before any spike.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Keys { get; init; } = [ParameterNames.Capacitance, ParameterNames.RestingPotential, ParameterNames.InputResistance];

    /// <summary>Share of the cells that are left out, rounded to whole cells. Default 0.2; above 0 and below 1.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Share { get; init; } = 0.2;

    /// <summary>How many cells are left out.</summary>
    /// <param name="cells">Cells of the grid.</param>
    internal long CellsOf(long cells) => (long)Math.Round(Share * cells, MidpointRounding.AwayFromZero);
}
