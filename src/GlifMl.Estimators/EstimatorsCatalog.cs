using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace GlifMl.Estimators;

/// <summary>Trainers of a label vector among ML.NET's regression trainers.</summary>
public static class EstimatorsCatalog
{
    /// <summary>
    /// Makes an ML.NET regression trainer learn a label vector, for example
    /// <c>ml.Regression.Trainers.MultiOutput((own, label, features) => own.Regression.Trainers.LightGbm(label, features))</c>.
    /// </summary>
    /// <typeparam name="TModel">
    /// The trainer's model: of FastTree, FastForest, LightGbm, or a linear one (Sdca, OnlineGradientDescent). Usually inferred.
    /// </typeparam>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="trainer">Makes the trainer from a seeded context, a label column (a scalar) and a feature column; called once a slot.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="options">Seed, scaling and memory; the defaults when left out.</param>
    /// <param name="validation">
    /// Rows with the same columns, on which the number of boosted trees is chosen for each slot; null keeps all trees. Forests and linear models ignore it.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">The model cannot be written as ONNX.</exception>
    public static MultiOutputTrainer MultiOutput<TModel>(
        this RegressionCatalog.RegressionTrainers catalog,
        Func<MLContext, string, string, IEstimator<ISingleFeaturePredictionTransformer<TModel>>> trainer,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        string scoreColumnName = "Score",
        MultiOutputOptions? options = null,
        IDataView? validation = null
    )
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(catalog);
        // A trainer known only as one of objects is judged by its first model.
        if (typeof(TModel) != typeof(object))
            ScalarModels.Require(typeof(TModel));
        options ??= new MultiOutputOptions();
        return new MultiOutputTrainer(
            new MLContext(options.Seed ?? 1),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options,
            validation,
            trainer
        );
    }

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
