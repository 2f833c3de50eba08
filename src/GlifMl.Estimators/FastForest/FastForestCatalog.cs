using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace GlifMl.Estimators;

/// <summary>The random-forest trainer of a label vector.</summary>
public static class FastForestCatalog
{
    /// <summary>A random forest for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <returns>The trainer.</returns>
    public static MultiOutputTrainer FastForest(
        this RegressionCatalog.RegressionTrainers catalog,
        FastForestOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score"
    ) =>
        catalog.MultiOutput(
            (ml, label, features) =>
                ml.Regression.Trainers.FastForest(
                    new FastForestRegressionTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = features,
                        NumberOfTrees = options.Trees,
                        NumberOfLeaves = options.Leaves,
                        MinimumExampleCountPerLeaf = options.LeafRows,
                        FeatureFraction = options.FeatureFraction,
                        Seed = options.Seed ?? 1,
                        // Sums over rows depend on how threads share them out.
                        NumberOfThreads = 1,
                    }
                ),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options
        );
}
