using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace GlifMl.Estimators;

/// <summary>What Microsoft.ML.OnnxConverter is known to leave out of a step's graph, put back.</summary>
internal static class StockMends
{
    /// <summary>A conversion as it is, and as it may have to be; the comparison says which is right.</summary>
    public static IEnumerable<StockConversion> Of(ITransformer step, StockConversion conversion)
    {
        yield return conversion;
        if (
            conversion is not { Inputs: [var input], Columns: [var output] }
            || NumberColumn.Size(input.Type) != NumberColumn.Size(output.Type)
        )
            yield break;
        var comparison = new StockComparison(step, conversion, sample: null);
        if (step is LpNormNormalizingTransformer)
        {
            var factor = comparison.Factor() ?? 1;
            yield return conversion with
            {
                Nodes = Normalised(conversion.Nodes, input.Name, factor, isCentred: false),
            };
            yield return conversion with
            {
                Nodes = Normalised(conversion.Nodes, input.Name, factor, isCentred: true),
            };
        }
        else if (NumberColumn.Item(input.Type) is KeyDataViewType)
        {
            yield return conversion with
            {
                Nodes = Missing(conversion.Nodes, input.Name, "Equal", comparison.Answer(0)[0]),
            };
        }
        else
        {
            yield return conversion with
            {
                Nodes = Missing(conversion.Nodes, input.Name, "IsNaN", comparison.Answer(float.NaN)[0]),
            };
        }
    }

    /// <summary>The factor that a contrast is scaled by; and a row whose norm is nothing, or no number, is not divided by it.</summary>
    private static StockNodes Normalised(StockNodes nodes, string input, float factor, bool isCentred) =>
        (graph, inputs) =>
        {
            var (x, y) = (inputs[input].Name, nodes(graph, inputs)[0]);
            var centred = isCentred
                ? graph.Node("Sub", [x, graph.Node("ReduceMean", [x], ("axes", new long[] { 1 }), ("keepdims", 1L))])
                : x;
            var undivided = graph.Node("Where", [graph.Node("IsNaN", [y.Name]), centred, y.Name]);
            return [y with { Name = factor == 1 ? undivided : graph.Node("Mul", [undivided, graph.Constant(factor)]) }];
        };

    /// <summary>What a step answers to a number that is missing: NaN, or a key that is none.</summary>
    private static StockNodes Missing(StockNodes nodes, string input, string isMissing, float answer) =>
        (graph, inputs) =>
        {
            // A zero is one number, whatever its sign.
            var x = graph.Node("Add", [inputs[input].Name, graph.Constant(0)]);
            var signless = inputs.ToDictionary(i => i.Key, i => i.Key == input ? i.Value with { Name = x } : i.Value);
            var y = nodes(graph, signless)[0];
            var missing = graph.Node(isMissing, isMissing == "Equal" ? [x, graph.Constant(0)] : [x]);
            return [y with { Name = graph.Node("Where", [missing, graph.Constant(answer), y.Name]) }];
        };
}
