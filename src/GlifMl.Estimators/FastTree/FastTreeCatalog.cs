using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Estimators;

/// <summary>The boosted-tree trainer of a label vector.</summary>
public static class FastTreeCatalog
{
    /// <summary>Gradient-boosted trees for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How they are grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows with the same columns, on which the number of trees is chosen for each slot of the label; null keeps all.</param>
    /// <returns>The trainer.</returns>
    public static MultiOutputTrainer FastTree(
        this RegressionCatalog.RegressionTrainers catalog,
        FastTreeOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null
    ) =>
        catalog.MultiOutput(
            (ml, label, features) =>
                ml.Regression.Trainers.FastTree(
                    new FastTreeRegressionTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = features,
                        NumberOfTrees = options.Trees,
                        NumberOfLeaves = options.Leaves,
                        MinimumExampleCountPerLeaf = options.LeafRows,
                        LearningRate = options.LearningRate,
                        FeatureFraction = options.FeatureFraction,
                        Seed = options.Seed ?? 1,
                        // Sums of gradients depend on how threads share them out.
                        NumberOfThreads = 1,
                    }
                ),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options,
            validation
        );
}
