using System.Collections.Immutable;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Transforms;
using BinsOfOne = Microsoft.ML.Transforms.NormalizingTransformer.BinNormalizerModelParameters<float>;
using CdfOfOne = Microsoft.ML.Transforms.NormalizingTransformer.CdfNormalizerModelParameters<float>;

namespace GlifMl.Estimators;

/// <summary>Nodes of steps that Microsoft.ML.OnnxConverter does not know, from parameters that ML.NET makes public.</summary>
internal static class OwnStockNodes
{
    /// <summary>The nodes of a step; null where it is none of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="before">The columns that it is given.</param>
    /// <param name="columns">The columns that it adds.</param>
    public static StockNodes? Of(ITransformer step, DataViewSchema before, IReadOnlyList<DataViewSchema.Column> columns)
    {
        var mapper = step.GetRowToRowMapper(before);
        string Input(int column) => mapper.GetDependencies([columns[column]]).Single().Name;
        return step switch
        {
            ISingleFeaturePredictionTransformer<object> { Model: GamRegressionModelParameters gam } => (graph, inputs) =>
                [GamTrees.Add(graph, inputs[Input(0)], gam)],
            TreeEnsembleFeaturizationTransformer { Model: var trees } => (graph, inputs) =>
                [.. TreeFeatures.Add(graph, inputs[Input(0)].Name, ScalarModels.Trees(trees), columns)],
            NormalizingTransformer normalizer
                when Enumerable.Range(0, columns.Count).Any(i => Normalizer(normalizer.GetNormalizerModelParameters(i)) is not null) => (
                graph,
                inputs
            ) =>
                [
                    .. columns.Select(
                        (_, i) =>
                            (
                                Normalizer(normalizer.GetNormalizerModelParameters(i))
                                ?? throw new NotSupportedException("found a linear one")
                            )(graph, inputs[Input(i)])
                    ),
                ],
            _ => null,
        };
    }

    private static Func<OnnxGraph, OnnxValue, OnnxValue>? Normalizer(NormalizingTransformer.NormalizerModelParametersBase parameters) =>
        parameters switch
        {
            BinsOfOne one => (graph, x) => Bins(graph, x, [one.UpperBounds], [one.Density], [one.Offset]),
            NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<float>> many => (graph, x) =>
                Bins(graph, x, many.UpperBounds, many.Density, many.Offset),
            CdfOfOne one => (graph, x) => Cdf(graph, x, [one.Mean], [one.StandardDeviation], one.UseLog),
            NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<float>> many => (graph, x) =>
                Cdf(graph, x, many.Mean, many.StandardDeviation, many.UseLog),
            _ => null,
        };

    /// <summary>(bounds below x) / density - offset.</summary>
    private static OnnxValue Bins(
        OnnxGraph graph,
        OnnxValue x,
        IReadOnlyList<ImmutableArray<float>> upperBounds,
        IReadOnlyList<float> density,
        ImmutableArray<float> offset
    )
    {
        // The last bound of a slot is infinity, above which nothing is.
        var (size, most) = (upperBounds.Count, Math.Max(1, upperBounds.Max(b => b.Length - 1)));
        var bounds = Enumerable.Repeat(float.PositiveInfinity, size * most).ToArray();
        for (var slot = 0; slot < size; slot++)
            upperBounds[slot].AsSpan()[..^1].CopyTo(bounds.AsSpan(slot * most));
        var above = graph.Node("Greater", [graph.Node("Unsqueeze", [x.Name, graph.Integers(2)]), graph.Constant(bounds, 1, size, most)]);
        var bin = graph.Node(
            "ReduceSum",
            [graph.Node("Cast", [above], ("to", (long)OnnxElementType.Single)), graph.Integers(2)],
            ("keepdims", 0L)
        );
        var value = graph.Node("Div", [bin, graph.Constant([.. density], size)]);
        if (!offset.IsDefaultOrEmpty)
            value = graph.Node("Sub", [value, graph.Constant(offset.AsSpan(), size)]);
        return x with { Name = graph.Node("Where", [graph.Node("IsNaN", [x.Name]), x.Name, value]) };
    }

    /// <summary>
    /// Winitzki's approximation of the normal distribution function, as ML.NET has it, in double: its square root of a small difference
    /// loses half the digits of a Single.
    /// </summary>
    private static OnnxValue Cdf(OnnxGraph graph, OnnxValue x, IReadOnlyList<float> mean, IReadOnlyList<float> deviation, bool useLog)
    {
        const double a = 0.147f;
        var value = DoubleNode.Cast(graph, x.Name);
        if (useLog)
            value = value.Log();
        var scale = DoubleNode.Constant(graph, [.. deviation.Select(d => d > float.Epsilon ? 1.0 / d : 0)]);
        var varies = DoubleNode.Constant(graph, [.. deviation.Select(d => d > float.Epsilon ? 1.0 : 0)]);
        var z = (value - DoubleNode.Constant(graph, [.. mean.Select(m => (double)m)])) * scale;
        var half = z * z * 0.5;
        var part = half * ((half * a + (4 / Math.PI)) * (1 / (half * a + 1)));
        var cdf = (z.Sign() * (-(-part).Exp() + 1).Sqrt() * 0.5 + 0.5) * varies;
        // What is no number, or infinite, ML.NET leaves out as it does a zero.
        var isFinite = MaskNode.NotNaN(graph, graph.Node("Sub", [value.Name, value.Name]));
        return x with { Name = isFinite.Select(cdf, 0).ToSingle() };
    }
}
