using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Trainers of a label vector among ML.NET's regression trainers.</summary>
public static class MultiOutputCatalog
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
}
