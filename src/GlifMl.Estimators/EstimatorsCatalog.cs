using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>
/// The steps of a trace's chain among ML.NET's transforms, and the trainers of a label vector among its regression trainers. Each has the
/// name of its step in a definition. What they are fitted to can be written as ONNX, but for <see cref="Noise"/>, which serves training
/// alone.
/// </summary>
public static class EstimatorsCatalog
{
    /// <summary>Gathers target columns into one label vector in the units that a model learns well in.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The label vector it adds.</param>
    /// <param name="targetColumnNames">The target columns, scalars in SI units, by Allen key.</param>
    /// <param name="options">How each target is scaled; null: not at all.</param>
    public static IEstimator<OnnxExportableTransformer> ScaleTargets(
        this TransformsCatalog catalog,
        string outputColumnName,
        IReadOnlyList<string> targetColumnNames,
        ScaleTargetsOptions? options = null
    ) => new ScaleTargetsEstimator(Context(catalog), targetColumnNames, outputColumnName, options ?? new());

    /// <summary>Turns scores in label units back into targets in SI units, by the scales that the label column carries.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The vector of targets it adds, SI units, slots named by target.</param>
    /// <param name="scoreColumnName">The scores, in label units.</param>
    /// <param name="labelColumnName">The label column of <see cref="ScaleTargets"/>.</param>
    public static IEstimator<OnnxExportableTransformer> RestoreTargets(
        this TransformsCatalog catalog,
        string outputColumnName,
        string scoreColumnName = TraceColumns.Score,
        string labelColumnName = TraceColumns.Label
    ) => new RestoreTargetsEstimator(Context(catalog), scoreColumnName, labelColumnName, outputColumnName);

    /// <summary>Joins traces of one length into one trace with a channel each.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The trace of [samples, channels] it adds.</param>
    /// <param name="inputColumnNames">The traces, vectors of [samples].</param>
    public static IEstimator<OnnxExportableTransformer> Channels(
        this TransformsCatalog catalog,
        string outputColumnName,
        params IReadOnlyList<string> inputColumnNames
    ) => new ChannelsEstimator(Context(catalog), inputColumnNames, outputColumnName);

    /// <summary>Scales a trace with one offset and scale a channel.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The scaled trace it adds, of the same shape. NaN samples stay NaN.</param>
    /// <param name="inputColumnName">The trace: [samples] or [samples, channels].</param>
    /// <param name="options">How; null: not at all.</param>
    public static IEstimator<OnnxExportableTransformer> ScaleTrace(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        ScaleTraceOptions? options = null
    ) => new ScaleTraceEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>
    /// Describes a trace by the leaky membrane that comes nearest to it: estimates of its parameters in the logarithm, how sure they are,
    /// and what bounds the threshold.
    /// </summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The vector of estimates it adds, with slot names.</param>
    /// <param name="inputColumnName">The trace, [samples, 2]: voltage in mV, NaN at spike cuts, and stimulus in pA.</param>
    /// <param name="options">How; null: the defaults.</param>
    public static IEstimator<OnnxExportableTransformer> MembraneFit(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        MembraneFitOptions? options = null
    ) => new MembraneFitEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>Keeps one stretch of a trace.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The trace it adds: as many samples as are kept, the same channels.</param>
    /// <param name="inputColumnName">The trace: [samples] or [samples, channels].</param>
    /// <param name="options">Which stretch; null: all of it.</param>
    public static IEstimator<OnnxExportableTransformer> Crop(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        CropOptions? options = null
    ) => new CropEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>Lowers a trace's sampling rate by a whole factor: a box mean, so that nothing faster folds into what is kept.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The trace it adds: [samples / factor] with the same channels.</param>
    /// <param name="inputColumnName">The trace: [samples] or [samples, channels].</param>
    /// <param name="options">By how much; null: the defaults.</param>
    public static IEstimator<OnnxExportableTransformer> Resample(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        ResampleOptions? options = null
    ) => new ResampleEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>Shortens a trace to block means, and turns spike cuts (NaN) into a channel of their own.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The trace it adds: [samples / size, means then changes then cut fraction], without NaN.</param>
    /// <param name="inputColumnName">The trace: [samples] or [samples, channels].</param>
    /// <param name="options">How; null: the defaults.</param>
    public static IEstimator<OnnxExportableTransformer> BlockReduce(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        BlockReduceOptions? options = null
    ) => new BlockReduceEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>Describes a trace by some tens of numbers, for trees and linear models. None of them is NaN.</summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="outputColumnName">The vector it adds, with slot names.</param>
    /// <param name="inputColumnName">
    /// The trace: [samples] of voltage in mV, or [samples, channels] with the voltage first and the stimulus in pA second. NaN is a spike
    /// cut, or padding where it reaches the end.
    /// </param>
    /// <param name="options">Which numbers; null: all that the trace allows.</param>
    public static IEstimator<OnnxExportableTransformer> TraceFeatures(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName,
        TraceFeaturesOptions? options = null
    ) => new TraceFeaturesEstimator(Context(catalog), inputColumnName, outputColumnName, options ?? new());

    /// <summary>
    /// Adds recording noise to the voltage of training rows, in place. It is no step of a model, which is given recordings that are noisy
    /// already.
    /// </summary>
    /// <param name="catalog">ML.NET's transforms.</param>
    /// <param name="columnName">The trace: [samples] in mV, or [samples, channels] with the voltage in mV as the first channel.</param>
    /// <param name="options">How much noise.</param>
    public static IEstimator<ITransformer> Noise(this TransformsCatalog catalog, string columnName, NoiseOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new NoiseEstimator(columnName, options);
    }

    /// <summary>Answers the mean training label whatever the trace: chance, which a model must beat to have learnt anything.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The trace column, which is only counted.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    public static IEstimator<OnnxExportableTransformer> Mean(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score
    ) => new MeanTrainer(Context(catalog), labelColumnName, featureColumnName, scoreColumnName);

    /// <summary>Reads the parameters off a noise-free trace and its stimulus by the membrane equation itself.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How.</param>
    /// <param name="labelColumnName">The label column of <see cref="ScaleTargets"/>.</param>
    /// <param name="featureColumnName">
    /// The trace: [samples, channels] with the voltage in mV first and the stimulus in pA second, from the stimulus's start on. Spike cuts
    /// are NaN; where they were dropped, no threshold can be read.
    /// </param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label, in its units.</param>
    public static IEstimator<OnnxExportableTransformer> ClosedForm(
        this RegressionCatalog.RegressionTrainers catalog,
        ClosedFormOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score
    ) => new ClosedFormTrainer(Context(catalog), labelColumnName, featureColumnName, scoreColumnName, options);

    /// <summary>A linear model of the features for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    public static IEstimator<OnnxExportableTransformer> Linear(
        this RegressionCatalog.RegressionTrainers catalog,
        LinearOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score
    ) => catalog.MultiOutput(options.Trainer, labelColumnName, featureColumnName, scoreColumnName, options);

    /// <summary>Gradient-boosted trees for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How they are grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">
    /// Rows with the same columns, on which the number of trees is chosen for each slot of the label; null keeps all.
    /// </param>
    public static IEstimator<OnnxExportableTransformer> FastTree(
        this RegressionCatalog.RegressionTrainers catalog,
        FastTreeOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null
    ) => catalog.MultiOutput(options.Trainer, labelColumnName, featureColumnName, scoreColumnName, options, validation);

    /// <summary>A random forest for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How it is grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    public static IEstimator<OnnxExportableTransformer> FastForest(
        this RegressionCatalog.RegressionTrainers catalog,
        FastForestOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score
    ) => catalog.MultiOutput(options.Trainer, labelColumnName, featureColumnName, scoreColumnName, options);

    /// <summary>LightGBM for a label vector.</summary>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="options">How its trees are grown.</param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="validation">
    /// Rows with the same columns, on which the number of trees is chosen for each slot of the label; null keeps all.
    /// </param>
    public static IEstimator<OnnxExportableTransformer> LightGbm(
        this RegressionCatalog.RegressionTrainers catalog,
        LightGbmOptions options,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        IDataView? validation = null
    ) => catalog.MultiOutput(options.Trainer, labelColumnName, featureColumnName, scoreColumnName, options, validation);

    /// <summary>
    /// Makes an ML.NET regression trainer learn a label vector, for example
    /// <c>ml.Regression.Trainers.MultiOutput((own, label, features) => own.Regression.Trainers.LightGbm(label, features))</c>.
    /// </summary>
    /// <typeparam name="TModel">
    /// The trainer's model: of FastTree, FastForest, LightGbm, or a linear one (Sdca, OnlineGradientDescent). Usually inferred.
    /// </typeparam>
    /// <param name="catalog">ML.NET's regression trainers.</param>
    /// <param name="trainer">
    /// Makes the trainer from a seeded context, a label column (a scalar) and a feature column; called once a slot.
    /// </param>
    /// <param name="labelColumnName">The label column: a vector of Single.</param>
    /// <param name="featureColumnName">The feature column: a vector of Single without NaN.</param>
    /// <param name="scoreColumnName">The score column it adds: as many values as the label.</param>
    /// <param name="options">Seed, scaling and memory; the defaults when left out.</param>
    /// <param name="validation">
    /// Rows with the same columns, on which the number of boosted trees is chosen for each slot; null keeps all trees. Forests and linear
    /// models ignore it.
    /// </param>
    /// <exception cref="ArgumentException">The model cannot be written as ONNX.</exception>
    public static IEstimator<OnnxExportableTransformer> MultiOutput<TModel>(
        this RegressionCatalog.RegressionTrainers catalog,
        Func<MLContext, string, string, IEstimator<ISingleFeaturePredictionTransformer<TModel>>> trainer,
        string labelColumnName = TraceColumns.Label,
        string featureColumnName = TraceColumns.Features,
        string scoreColumnName = TraceColumns.Score,
        MultiOutputOptions? options = null,
        IDataView? validation = null
    )
        where TModel : class
    {
        // A trainer whose model is known as an object only is checked once it has one.
        if (typeof(TModel) != typeof(object))
            ScalarModels.Require(typeof(TModel));
        return new MultiOutputTrainer(
            Context(catalog),
            labelColumnName,
            featureColumnName,
            scoreColumnName,
            options ?? new MultiOutputOptions(),
            validation,
            trainer
        );
    }

    // A catalogue's own context is internal to ML.NET; an estimator needs one only for stock steps without randomness.
    private static MLContext Context(object catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new MLContext(seed: 1);
    }
}
