using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;

namespace GlifMl.Estimators;

/// <summary>The LightGBM trainer of a label vector.</summary>
public static class LightGbmCatalog
{
    /// <summary>LightGBM for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How its trees are grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">Rows with the same columns, on which the number of trees is chosen for each slot of the label; null keeps all.</param>
    /// <returns>The trainer.</returns>
    public static MultiOutputTrainer LightGbm(
        this RegressionCatalog.RegressionTrainers catalog,
        LightGbmOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        IDataView? validation = null
    ) =>
        catalog.MultiOutput(
            (ml, label, features) =>
                ml.Regression.Trainers.LightGbm(
                    new LightGbmRegressionTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = features,
                        NumberOfIterations = options.Trees,
                        NumberOfLeaves = options.Leaves,
                        MinimumExampleCountPerLeaf = options.LeafRows,
                        LearningRate = options.LearningRate,
                        Booster = new GradientBooster.Options { FeatureFraction = options.FeatureFraction },
                        Seed = options.Seed ?? 1,
                        Deterministic = true,
                        // Histograms are summed in the order in which threads finish.
                        NumberOfThreads = 1,
                        Silent = true,
                    }
                ),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options,
            validation
        );
}
