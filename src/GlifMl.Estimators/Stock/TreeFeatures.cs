using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>What an ensemble's trees make of a row, as features: the value of each, the leaf that is reached, the way to it.</summary>
internal static class TreeFeatures
{
    /// <summary>Adds the columns: as many numbers as there are trees, leaves or inner nodes, in this order of several.</summary>
    public static IEnumerable<OnnxValue> Add(
        OnnxGraph graph,
        string features,
        IReadOnlyList<RegressionTreeNodes> trees,
        IReadOnlyList<DataViewSchema.Column> columns
    )
    {
        Func<int, int, IEnumerable<(int Target, float Value)>>[] kinds =
        [
            (tree, leaf) => [(tree, trees[tree].Leaves[leaf])],
            (tree, leaf) => [(trees.Take(tree).Sum(t => t.Leaves.Length) + leaf, 1)],
            (tree, leaf) => Way(trees[tree], leaf).Select(node => (trees.Take(tree).Sum(t => t.Features.Length) + node, 1f)),
        ];
        int[] sizes = [trees.Count, trees.Sum(t => t.Leaves.Length), trees.Sum(t => t.Features.Length)];
        var kind = 0;
        foreach (var column in columns)
        {
            var size = NumberColumn.Size(column.Type);
            while (sizes[kind] != size)
                kind++;
            yield return new OnnxValue(TreeModel.Add(graph, features, trees, new float[size], kinds[kind++]), size);
        }
    }

    private static List<int> Way(RegressionTreeNodes tree, int leaf)
    {
        var way = new List<int>();
        for (var child = ~leaf; Parent(child) is >= 0 and var parent; child = parent)
            way.Add(parent);
        return way;

        int Parent(int child) => Math.Max(Array.IndexOf(tree.Left, child), Array.IndexOf(tree.Right, child));
    }
}
