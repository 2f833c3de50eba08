using System.Reflection;
using GlifMl.Onnx;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Estimators;

/// <summary>A generalised additive model as trees: one a feature, whose leaves are the effects of its bins.</summary>
internal static class GamTrees
{
    /// <summary>Adds a model to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="features">The features.</param>
    /// <param name="gam">The model.</param>
    public static OnnxValue Add(OnnxGraph graph, OnnxValue features, GamRegressionModelParameters gam)
    {
        RegressionTreeNodes[] trees = [.. Shapes(gam, features.Size).Select(s => Tree(s.Feature, s.Bounds, s.Effects))];
        var score = TreeModel.Add(
            graph,
            features.Name,
            trees,
            [(float)gam.Bias],
            (tree, leaf) => [(0, trees[tree].Leaves[leaf])],
            isMissingLeast: true
        );
        return new OnnxValue(score, 1);
    }

    /// <summary>The shape functions.</summary>
    private static IEnumerable<(int Feature, IReadOnlyList<double> Bounds, IReadOnlyList<double> Effects)> Shapes(
        GamRegressionModelParameters gam,
        int features
    )
    {
        if (gam.NumberOfShapeFunctions == features)
            return Enumerable.Range(0, features).Select(f => (f, gam.GetBinUpperBounds(f), gam.GetBinEffects(f)));
        // A feature that does not vary has no function, and ML.NET's methods, which take a feature, refuse those past the number of
        // functions. What it keeps them in tells them all.
        return Field<int[]>(gam, "_shapeToInputMap")
            .Zip(Field<double[][]>(gam, "_binUpperBounds"), Field<double[][]>(gam, "_binEffects"))
            .Select(shape => (shape.First, (IReadOnlyList<double>)shape.Second, (IReadOnlyList<double>)shape.Third));
    }

    private static T Field<T>(GamRegressionModelParameters gam, string name)
        where T : class =>
        typeof(GamModelParametersBase).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(gam) as T
        ?? throw new NotSupportedException("found a feature that does not vary, and an ML.NET that does not say which; expected none");

    // Bin b is reached by values of at most its bound and above the one before: a search that halves the bins.
    private static RegressionTreeNodes Tree(int feature, IReadOnlyList<double> bounds, IReadOnlyList<double> effects)
    {
        var (thresholds, left, right) = (new List<float>(), new List<int>(), new List<int>());
        _ = Node(0, effects.Count - 1);
        return new(0, [.. thresholds.Select(_ => feature)], [.. thresholds], [.. left], [.. right], [.. effects.Select(e => (float)e)]);

        int Node(int first, int last)
        {
            if (first == last)
                return ~first;
            var (node, middle) = (thresholds.Count, (first + last) / 2);
            thresholds.Add(AtMost(bounds[middle]));
            left.Add(0);
            right.Add(0);
            left[node] = Node(first, middle);
            right[node] = Node(middle + 1, last);
            return node;
        }
    }

    // The greatest Single that is not above a Double: a Single is at most the one where it is at most the other.
    private static float AtMost(double bound) => (float)bound > bound ? MathF.BitDecrement((float)bound) : (float)bound;
}
