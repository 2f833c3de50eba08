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

        ParameterRange[] ranges =
        [
            .. parameters.Ranges.Select(r => new ParameterRange(r.Key, r.Value.Min, r.Value.Max, r.Value.Scale == RangeScale.Log)),
        ];
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
