using GlifMl.Onnx;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Estimators;

/// <summary>Sums of regression trees, one sum a score, as one TreeEnsembleRegressor of ONNX (ai.onnx.ml, version 3).</summary>
/// <param name="Trees">The trees of all scores.</param>
/// <param name="Bias">[scores].</param>
/// <param name="IsBoosted">
/// Whether each tree corrects those before it, so that the first few of a score's are a model too. A forest's are not: they are averaged.
/// </param>
internal sealed record TreeModel(IReadOnlyList<RegressionTreeNodes> Trees, float[] Bias, bool IsBoosted) : IMultiOutputModel
{
    public void Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        Span<double> sums = stackalloc double[Bias.Length];
        sums.Clear();
        foreach (var tree in Trees)
            sums[tree.Target] += tree.Leaves[tree.Leaf(features)];
        for (var k = 0; k < scores.Length; k++)
            scores[k] = (float)(sums[k] + Bias[k]);
    }

    /// <summary>
    /// Keeps of each score's trees the first ones, as many as err least on other rows; at least one. The later ones learnt what is chance
    /// in their own rows.
    /// </summary>
    /// <param name="features">Features of the other rows.</param>
    /// <param name="labels">Their labels.</param>
    public TreeModel BestOn(IReadOnlyList<float[]> features, IReadOnlyList<float[]> labels) =>
        this with
        {
            Trees = [.. Enumerable.Range(0, Bias.Length).SelectMany(target => BestOn(target, features, labels))],
        };

    private IEnumerable<RegressionTreeNodes> BestOn(int target, IReadOnlyList<float[]> features, IReadOnlyList<float[]> labels)
    {
        var trees = Trees.Where(tree => tree.Target == target).ToArray();
        var scores = Enumerable.Repeat((double)Bias[target], features.Count).ToArray();
        var (best, least) = (0, double.PositiveInfinity);
        for (var t = 0; t < trees.Length; t++)
        {
            var squares = 0.0;
            for (var row = 0; row < scores.Length; row++)
            {
                scores[row] += trees[t].Leaves[trees[t].Leaf(features[row])];
                squares += (scores[row] - labels[row][target]) * (scores[row] - labels[row][target]);
            }

            if (squares < least)
                (best, least) = (t + 1, squares);
        }

        return trees.Take(best);
    }

    public string Add(OnnxGraph graph, string features) =>
        Add(graph, features, Trees, Bias, (tree, leaf) => [(Trees[tree].Target, Trees[tree].Leaves[leaf])]);

    /// <summary>Adds trees as one node.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="features">[N, features], single.</param>
    /// <param name="trees">The trees.</param>
    /// <param name="bias">What each score is beside what the trees add to it.</param>
    /// <param name="leaf">What a leaf of a tree, by their numbers, adds to which scores.</param>
    /// <param name="isMissingLeast">Whether NaN goes where the least number does; otherwise where the greatest does.</param>
    /// <returns>[N, scores], single.</returns>
    public static string Add(
        OnnxGraph graph,
        string features,
        IReadOnlyList<RegressionTreeNodes> trees,
        float[] bias,
        Func<int, int, IEnumerable<(int Target, float Value)>> leaf,
        bool isMissingLeast = false
    )
    {
        List<long> treeIds = [],
            nodeIds = [],
            featureIds = [],
            trueIds = [],
            falseIds = [];
        List<float> values = [];
        List<string> modes = [];
        List<long> leafTrees = [],
            leafNodes = [],
            leafTargets = [];
        List<float> leafValues = [];
        void Node(int tree, int node, string mode, int feature, float value, int whenTrue, int whenFalse)
        {
            treeIds.Add(tree);
            nodeIds.Add(node);
            modes.Add(mode);
            featureIds.Add(feature);
            values.Add(value);
            trueIds.Add(whenTrue);
            falseIds.Add(whenFalse);
        }

        for (var t = 0; t < trees.Count; t++)
        {
            var tree = trees[t];
            var inner = tree.Features.Length;
            // Leaves are numbered after the inner nodes, so that the root is 0 even where it is a leaf.
            int Id(int child) => child >= 0 ? child : inner + ~child;
            for (var n = 0; n < inner; n++)
                Node(t, n, "BRANCH_LEQ", tree.Features[n], tree.Thresholds[n], Id(tree.Left[n]), Id(tree.Right[n]));
            for (var l = 0; l < tree.Leaves.Length; l++)
            {
                Node(t, inner + l, "LEAF", 0, 0, 0, 0);
                foreach (var (target, value) in leaf(t, l))
                {
                    leafTrees.Add(t);
                    leafNodes.Add(inner + l);
                    leafTargets.Add(target);
                    leafValues.Add(value);
                }
            }
        }

        return graph.Nodes(
            "TreeEnsembleRegressor",
            [features],
            1,
            [
                ("n_targets", bias.Length),
                ("base_values", bias),
                ("aggregate_function", "SUM"),
                ("post_transform", "NONE"),
                ("nodes_treeids", treeIds.ToArray()),
                ("nodes_nodeids", nodeIds.ToArray()),
                ("nodes_modes", modes.ToArray()),
                ("nodes_featureids", featureIds.ToArray()),
                ("nodes_values", values.ToArray()),
                ("nodes_truenodeids", trueIds.ToArray()),
                ("nodes_falsenodeids", falseIds.ToArray()),
                ("target_treeids", leafTrees.ToArray()),
                ("target_nodeids", leafNodes.ToArray()),
                ("target_ids", leafTargets.ToArray()),
                ("target_weights", leafValues.ToArray()),
                .. isMissingLeast ? [("nodes_missing_value_tracks_true", treeIds.ConvertAll(_ => 1L).ToArray())] : MissingIsGreatest,
            ],
            OnnxGraph.MachineLearningDomain
        )[0];
    }

    // As the operator has it where nothing is said.
    private static IEnumerable<(string Name, OnnxAttributeValue Value)> MissingIsGreatest => [];

    /// <summary>Joins one ensemble a score.</summary>
    public static TreeModel Of(
        IReadOnlyList<(IEnumerable<RegressionTreeBase> Trees, IEnumerable<double> Weights, double Bias)> ensembles,
        bool areBoosted
    ) =>
        new(
            [
                .. ensembles.SelectMany(
                    (e, target) => e.Trees.Zip(e.Weights, (tree, weight) => RegressionTreeNodes.Of(tree, weight, target))
                ),
            ],
            [.. ensembles.Select(e => (float)e.Bias)],
            areBoosted
        );
}

/// <summary>
/// One regression tree. A child that is negative is the leaf of its bitwise complement; without inner nodes the root is leaf 0.
/// </summary>
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
                "found a tree that splits on a category; expected numerical splits alone, which is what these features are"
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
