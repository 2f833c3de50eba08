using GlifMl.Pipelines.Definitions;
using GlifMl.Simulation.Designs;
using Design = GlifMl.Simulation.Designs.ParameterDesign;
using DesignKind = GlifMl.Pipelines.Definitions.ParameterDesign;

namespace GlifMl.Pipelines.Generation;

/// <summary>The points in parameter space that a definition asks for.</summary>
internal static class DesignFactory
{
    /// <summary>Makes the design; its keys are in label order, whatever order the file has.</summary>
    public static Design Create(PipelineDefinition definition)
    {
        var parameters = definition.Dataset.Parameters;
        var seed = (ulong)definition.Seed;
        if (parameters.Design == DesignKind.Grid)
            return Design.Grid([.. InLabelOrder(parameters.Values).Select(v => KeyValuePair.Create(v.Key, v.Value.ToArray()))]);

        ParameterRange[] ranges =
        [
            .. InLabelOrder(parameters.Ranges)
                .Select(r => new ParameterRange(r.Key, r.Value.Min, r.Value.Max, r.Value.Scale == RangeScale.Log)),
        ];
        return parameters.Design switch
        {
            DesignKind.Sobol => Design.Sobol(ranges, seed),
            DesignKind.Uniform => Design.Uniform(ranges, seed),
            _ => Design.LatinHypercube(
                ranges,
                parameters.Count ?? definition.Dataset.Splits.Present.Sum(s => s.Split.Traces.Number!.Value),
                seed
            ),
        };
    }

    private static IEnumerable<KeyValuePair<string, T>> InLabelOrder<T>(IReadOnlyDictionary<string, T> byKey) =>
        byKey
            .OrderBy(p => ParameterNames.All.IndexOf(p.Key) is >= 0 and var place ? place : ParameterNames.All.Length)
            .ThenBy(p => p.Key, StringComparer.Ordinal);
}
