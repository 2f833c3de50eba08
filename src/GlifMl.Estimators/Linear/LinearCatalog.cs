using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace GlifMl.Estimators;

/// <summary>The linear trainer of a label vector.</summary>
public static class LinearCatalog
{
    /// <summary>A linear model of the features for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <returns>The trainer.</returns>
    public static MultiOutputTrainer Linear(
        this RegressionCatalog.RegressionTrainers catalog,
        LinearOptions options,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score"
    ) =>
        catalog.MultiOutput(
            (ml, label, features) =>
                ml.Regression.Trainers.Sdca(
                    new SdcaRegressionTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = features,
                        L2Regularization = (float?)options.L2,
                        L1Regularization = (float)options.L1,
                        MaximumNumberOfIterations = options.Iterations,
                        ConvergenceTolerance = (float)options.Tolerance,
                        // Several threads update the weights in whatever order they come.
                        NumberOfThreads = 1,
                    }
                ),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options
        );
}
