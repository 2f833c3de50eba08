using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Estimators;

/// <summary>One regression tree. A child that is negative is the leaf of its bitwise complement; without inner nodes the root is leaf 0.</summary>
/// <param name="Target">The score it adds to.</param>
/// <param name="Features">The feature that each inner node looks at.</param>
/// <param name="Thresholds">A feature of at most this goes left.</param>
/// <param name="Left">Left child of each inner node.</param>
/// <param name="Right">Right child of each inner node.</param>
/// <param name="Leaves">What each leaf adds, the tree's weight included.</param>
internal sealed record RegressionTreeNodes(int Target, int[] Features, float[] Thresholds, int[] Left, int[] Right, float[] Leaves)
{
    /// <exception cref="NotSupportedException">The tree splits on a category.</exception>
    public static RegressionTreeNodes Of(RegressionTreeBase tree, double weight, int target)
    {
        if (tree.CategoricalSplitFlags.Any(f => f))
            throw new NotSupportedException(
                "a tree splits on a category; expected numerical splits alone, which is what these features are"
            );
        return new(
            target,
            [.. tree.NumericalSplitFeatureIndexes],
            [.. tree.NumericalSplitThresholds],
            [.. tree.LeftChild],
            [.. tree.RightChild],
            [.. tree.LeafValues.Select(v => (float)(v * weight))]
        );
    }

    public int Leaf(ReadOnlySpan<float> features)
    {
        if (Features.Length == 0)
            return 0;
        var node = 0;
        while (node >= 0)
            node = features[Features[node]] <= Thresholds[node] ? Left[node] : Right[node];
        return ~node;
    }
}
