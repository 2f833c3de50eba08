using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>The points in parameter space that a definition asks for.</summary>
internal static class DesignFactory
{
    /// <summary>Makes the design; its keys are in label order, whatever order the file has.</summary>
    public static ParameterDesign Create(PipelineDefinition definition)
    {
        var parameters = definition.Dataset.Parameters;
        var seed = (ulong)definition.Seed;
        if (parameters.Design == DesignKind.Grid)
            return ParameterDesign.Grid([.. parameters.Values.Select(v => KeyValuePair.Create(v.Key, v.Value.ToArray()))]);

        ParameterRange[] ranges = [.. parameters.Ranges.Select(r => r.Value.Parameter(r.Key))];
        return parameters.Design switch
        {
            DesignKind.Sobol => ParameterDesign.Sobol(ranges, seed),
            DesignKind.Uniform => ParameterDesign.Uniform(ranges, seed),
            _ => ParameterDesign.LatinHypercube(
                ranges,
                parameters.Count ?? definition.Dataset.Splits.Present.Sum(s => s.Split.Traces.Number!.Value),
                seed
            ),
        };
    }
}

/// <summary>The cells of parameter space that a definition leaves out of training and validation.</summary>
internal sealed class HeldOutCells
{
    private readonly Func<long, int> _cellOf;
    private readonly bool[] _heldOut;

    private HeldOutCells(Func<long, int> cellOf, bool[] heldOut) => (_cellOf, _heldOut) = (cellOf, heldOut);

    /// <summary>The cells a definition leaves out; null where it leaves out none.</summary>
    /// <param name="definition">A definition whose values have been checked.</param>
    /// <param name="design">Its design.</param>
    public static HeldOutCells? Of(PipelineDefinition definition, ParameterDesign design)
    {
        if (definition.Dataset.HoldOut is not { } holdOut)
            return null;
        var parameters = definition.Dataset.Parameters;
        var cells = (int)holdOut.CellsOf(parameters);
        var heldOut = new bool[cells];
        foreach (
            var cell in new SeededRandom((ulong)definition.Seed, RandomStreams.HeldOutCells)
                .NextPermutation(cells)
                .Take((int)holdOut.HeldOutOf(cells))
        )
            heldOut[cell] = true;
        return new HeldOutCells(
            parameters.Design == DesignKind.Grid ? CellsOfGrid(parameters, holdOut, design) : CellsOfRanges(parameters, holdOut, design),
            heldOut
        );
    }

    /// <summary>Whether a configuration lies in a cell that is left out.</summary>
    /// <param name="configuration">Its number in the design.</param>
    public bool Contains(long configuration) => _heldOut[_cellOf(configuration)];

    private static Func<long, int> CellsOfGrid(ParametersDefinition parameters, HoldOutDefinition holdOut, ParameterDesign design)
    {
        var digits = new List<(int Stride, int Values)>();
        var stride = 1;
        // As in the design: the last key changes fastest.
        foreach (var key in design.Keys.Reverse())
        {
            if (holdOut.Keys.Contains(key))
                digits.Add((stride, parameters.Values[key].Count));
            stride = checked(stride * parameters.Values[key].Count);
        }

        return configuration => Number(digits.Select(d => ((int)(configuration / d.Stride % d.Values), d.Values)));
    }

    private static Func<long, int> CellsOfRanges(ParametersDefinition parameters, HoldOutDefinition holdOut, ParameterDesign design)
    {
        (int Key, NumberRange Range)[] axes =
        [
            .. design.Keys.Index().Where(k => holdOut.Keys.Contains(k.Item)).Select(k => (k.Index, parameters.Ranges[k.Item])),
        ];
        var parts = holdOut.PartsOrDefault;
        return configuration =>
        {
            var point = design.Point(configuration);
            return Number(axes.Select(a => (Math.Clamp((int)(parts * a.Range.ShareOf(point[a.Key])), 0, parts - 1), parts)));
        };
    }

    /// <summary>One number for a place along several axes; the first changes fastest.</summary>
    private static int Number(IEnumerable<(int Place, int Size)> axes)
    {
        var (number, step) = (0, 1);
        foreach (var (place, size) in axes)
        {
            number += place * step;
            step *= size;
        }

        return number;
    }
}
