using GlifMl.Onnx;
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
        foreach (var nodes in step is LpNormNormalizingTransformer ? Norms(step, conversion) : [Missing(step, conversion)])
            yield return conversion with
            {
                Nodes = nodes,
            };
    }

    private static IEnumerable<StockNodes> Norms(ITransformer step, StockConversion conversion)
    {
        var input = conversion.Inputs[0].Name;
        var factor = new StockComparison(step, conversion, sample: null).Factor() ?? 1;
        yield return Normalised(conversion.Nodes, input, factor, isCentred: false);
        yield return Normalised(conversion.Nodes, input, factor, isCentred: true);
        yield return ByMagnitude(input, isCentred: false);
        yield return ByMagnitude(input, isCentred: true);
    }

    /// <summary>The factor that a contrast is scaled by; and a row whose norm is nothing, or no number, is not divided by it.</summary>
    private static StockNodes Normalised(StockNodes nodes, string input, float factor, bool isCentred) =>
        (graph, inputs) =>
        {
            var (x, y) = (inputs[input].Name, nodes(graph, inputs)[0]);
            var isUndivided = graph.Node("Or", [graph.Node("IsNaN", [y.Name]), graph.Node("IsInf", [y.Name])]);
            var undivided = graph.Node("Where", [isUndivided, isCentred ? Centred(graph, x) : x, y.Name]);
            return [y with { Name = factor == 1 ? undivided : graph.Node("Mul", [undivided, graph.Constant(factor)]) }];
        };

    /// <summary>The infinity norm: the greatest magnitude, where the converter takes the greatest number; NaN is passed over.</summary>
    private static StockNodes ByMagnitude(string input, bool isCentred) =>
        (graph, inputs) =>
        {
            var x = isCentred ? Centred(graph, inputs[input].Name) : inputs[input].Name;
            var magnitudes = graph.Node("Where", [graph.Node("IsNaN", [x]), graph.Constant(0), graph.Node("Abs", [x])]);
            var norm = graph.Node("ReduceMax", [magnitudes], ("axes", new long[] { 1 }), ("keepdims", 1L));
            var divisor = graph.Node("Where", [graph.Node("Equal", [norm, graph.Constant(0)]), graph.Constant(1), norm]);
            return [inputs[input] with { Name = graph.Node("Div", [x, divisor]) }];
        };

    private static string Centred(OnnxGraph graph, string x) =>
        graph.Node("Sub", [x, graph.Node("ReduceMean", [x], ("axes", new long[] { 1 }), ("keepdims", 1L))]);

    /// <summary>What a step answers to a number that is missing: NaN, or a key that is none.</summary>
    private static StockNodes Missing(ITransformer step, StockConversion conversion)
    {
        var input = conversion.Inputs[0].Name;
        var isKey = NumberColumn.Item(conversion.Inputs[0].Type) is KeyDataViewType;
        var answer = new StockComparison(step, conversion, sample: null).Answer(isKey ? 0 : float.NaN)[0];
        return (graph, inputs) =>
        {
            // A zero is one number, whatever its sign.
            var x = graph.Node("Add", [inputs[input].Name, graph.Constant(0)]);
            var signless = inputs.ToDictionary(i => i.Key, i => i.Key == input ? i.Value with { Name = x } : i.Value);
            var y = conversion.Nodes(graph, signless)[0];
            var isMissing = isKey ? graph.Node("Equal", [x, graph.Constant(0)]) : graph.Node("IsNaN", [x]);
            return [y with { Name = graph.Node("Where", [isMissing, graph.Constant(answer), y.Name]) }];
        };
    }
}
