using GlifMl.Pipelines.Definitions;
using GlifMl.Simulation;

namespace GlifMl.Pipelines.Generation;

/// <summary>The cells of a grid that a definition leaves out of training and validation.</summary>
internal sealed class HeldOutCells
{
    private readonly (int Stride, int Values)[] _digits;
    private readonly bool[] _heldOut;

    private HeldOutCells((int Stride, int Values)[] digits, bool[] heldOut) => (_digits, _heldOut) = (digits, heldOut);

    /// <summary>The cells a definition leaves out; null where it leaves out none.</summary>
    /// <param name="definition">A definition whose values have been checked.</param>
    /// <param name="design">Its design.</param>
    public static HeldOutCells? Of(PipelineDefinition definition, Simulation.Designs.ParameterDesign design)
    {
        if (definition.Dataset.HoldOut is not { } holdOut)
            return null;
        var values = definition.Dataset.Parameters.Values;
        var digits = new List<(int Stride, int Values)>();
        var stride = 1;
        // As in the design: the last key changes fastest.
        foreach (var key in design.Keys.Reverse())
        {
            if (holdOut.Keys.Contains(key))
                digits.Add((stride, values[key].Count));
            stride = checked(stride * values[key].Count);
        }

        var cells = digits.Aggregate(1, (product, digit) => product * digit.Values);
        var heldOut = new bool[cells];
        foreach (var cell in new SeededRandom((ulong)definition.Seed, "held-out cells").NextPermutation(cells).Take((int)holdOut.CellsOf(cells)))
            heldOut[cell] = true;
        return new HeldOutCells([.. digits], heldOut);
    }

    /// <summary>Whether a configuration lies in a cell that is left out.</summary>
    /// <param name="configuration">Its number in the design.</param>
    public bool Contains(long configuration)
    {
        var (cell, step) = (0, 1);
        foreach (var (stride, values) in _digits)
        {
            cell += (int)(configuration / stride % values) * step;
            step *= values;
        }

        return _heldOut[cell];
    }
}
