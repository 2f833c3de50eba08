using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace GlifMl;

/// <summary>How a trainer of one number is made to learn a whole label vector.</summary>
public record MultiOutputOptions : ISeededOptions, IPosteriorTrainer
{
    /// <summary>Seed of everything random in the training. Default null: the definition's, or 1.</summary>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    /// <summary>
    /// Gives the trainer features less their training mean, over their training standard deviation. Default false, which is right for
    /// trees; <c>linear</c> has it true.
    /// </summary>
    public bool Standardise { get; init; }

    /// <summary>Memory that the training features may take, MiB. Default 1024; at least 1. More is refused.</summary>
    [Range(1, int.MaxValue)]
    public int CacheMebibytes { get; init; } = 1024;

    /// <summary>
    /// Gives a posterior: the answer with the spread of its errors on the validation traces, the same for every trace. Default none.
    /// </summary>
    public PosteriorOptions? Posterior { get; init; }

    /// <inheritdoc/>
    ISeededOptions ISeededOptions.WithSeed(int seed) => this with { Seed = Seed ?? seed };
}

/// <summary>
/// Learns a label vector with an ML.NET trainer of one number: the trainer is fitted to each slot of the label, and the models are joined
/// into one that gives the vector of scores, as one TreeEnsembleRegressor or one matrix product in ONNX. Of boosted trees it keeps, for
/// each slot, as many as do best on the validation rows, where there are such.
/// </summary>
internal sealed class MultiOutputTrainer : OnnxExportableEstimator<MultiOutputTransformer>
{
    private readonly string _label,
        _features,
        _score;
    private readonly MultiOutputOptions _options;
    private readonly IDataView? _validation;
    private readonly Func<MLContext, string, string, IEstimator<ISingleFeaturePredictionTransformer<object>>> _create;

    internal MultiOutputTrainer(
        MLContext ml,
        string label,
        string features,
        string score,
        MultiOutputOptions options,
        IDataView? validation,
        Func<MLContext, string, string, IEstimator<ISingleFeaturePredictionTransformer<object>>> create
    )
        : base(ml, [features], score) =>
        (_label, _features, _score, _options, _validation, _create) = (label, features, score, options, validation, create);

    /// <summary>Told how many outputs are fitted, of how many, before each. Default null: nobody.</summary>
    internal Action<int, int>? Progress { get; set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">
    /// There are no rows, more than fit into the cache, or a feature or label is not finite; so for the validation rows.
    /// </exception>
    /// <exception cref="ArgumentException">The trainer's model cannot be written as ONNX.</exception>
    public override MultiOutputTransformer Fit(IDataView input)
    {
        var table = new TrainingTable(input, _features, _label, _options.CacheMebibytes);
        var scale = _options.Standardise ? table.Standardise() : default;
        var models = new object[table.Outputs];
        for (var k = 0; k < models.Length; k++)
        {
            Progress?.Invoke(k, models.Length);
            // A context of its own for each: what it draws does not depend on what was fitted before.
            var ml = new MLContext(_options.SeedOrDefault);
            var fitted = _create(ml, TrainingTable.LabelColumn, TrainingTable.FeaturesColumn).Fit(table.View(ml, k));
            models[k] = fitted.Model;
            ScalarModels.Require(models[k].GetType());
        }

        var model = ScalarModels.Join(models);
        if (_validation is not null && model is TreeModel { IsBoosted: true } boosted)
        {
            var validation = new TrainingTable(_validation, _features, _label, _options.CacheMebibytes);
            if (_options.Standardise)
                validation.Standardise(scale.Mean, scale.Inverse);
            model = boosted.BestOn(validation.Features, validation.Labels);
        }

        if (_options.Standardise)
            model = new StandardisedModel(model, scale.Mean, scale.Inverse);
        return new MultiOutputTransformer(input, _features, _score, models.Length, model);
    }
}

/// <summary>Features to a vector of scores, by one fitted model of all of them.</summary>
internal sealed class MultiOutputTransformer : OnnxExportableTransformer
{
    private readonly IMultiOutputModel _model;
    private readonly int _features;

    internal MultiOutputTransformer(IDataView fittedOn, string features, string score, int outputs, IMultiOutputModel model)
        : base(fittedOn.Schema, [features], score, new VectorDataViewType(NumberDataViewType.Single, outputs)) =>
        (_model, _features) = (model, LabelledRows.Size(fittedOn, features));

    /// <inheritdoc/>
    protected override RowMap CreateMap() => (inputs, output) => _model.Score(inputs[0], output);

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var flat = TraceNodes.Channel(graph, inputs[0], new TraceShape(_features, 1), 0);
        return new OnnxValue(_model.Add(graph, flat), OutputType.Size);
    }
}

/// <summary>A fitted function from features to scores, in process and as nodes of a graph.</summary>
internal interface IMultiOutputModel
{
    /// <summary>Scores one row.</summary>
    void Score(ReadOnlySpan<float> features, Span<float> scores);

    /// <summary>Adds the same as nodes.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="features">[N, features], single.</param>
    /// <returns>[N, scores], single.</returns>
    string Add(OnnxGraph graph, string features);
}

/// <summary>The ML.NET regression models that can be joined into one and written as ONNX.</summary>
internal static class ScalarModels
{
    // FastTreeTweedie and Poisson models, of the same bases, put an exponential on top: they are none of these.
    private static readonly Type[] Known =
    [
        typeof(FastTreeRegressionModelParameters),
        typeof(FastForestRegressionModelParameters),
        typeof(LightGbmRegressionModelParameters),
        typeof(LinearRegressionModelParameters),
    ];

    /// <summary>Refuses a type of model that cannot be written as ONNX.</summary>
    /// <exception cref="ArgumentException">It is not one of the known.</exception>
    public static void Require(Type model)
    {
        if (!Known.Contains(model))
            throw new ArgumentException(
                $"multi-output: found a trainer of {model.Name}; expected one whose model can be written as ONNX: "
                    + string.Join(", ", Known.Select(k => k.Name)),
                nameof(model)
            );
    }

    /// <summary>Joins models of one kind, one a score.</summary>
    public static IMultiOutputModel Join(IReadOnlyList<object> models)
    {
        if (models[0] is LinearRegressionModelParameters)
        {
            var linear = models.Cast<LinearRegressionModelParameters>().ToArray();
            return new LinearModel([.. linear.SelectMany(m => m.Weights)], Array.ConvertAll(linear, m => m.Bias));
        }

        return TreeModel.Of([.. models.Select(Ensemble)], areBoosted: models[0] is TreeEnsembleModelParametersBasedOnRegressionTree);
    }

    /// <summary>The trees of an ensemble, each leaf with the value that it has in its tree.</summary>
    public static IReadOnlyList<RegressionTreeNodes> Trees(object model)
    {
        var trees = model is TreeEnsembleModelParametersBasedOnRegressionTree { TrainedTreeEnsemble.Trees: var boosted }
            ? boosted.Cast<RegressionTreeBase>()
            : ((TreeEnsembleModelParametersBasedOnQuantileRegressionTree)model).TrainedTreeEnsemble.Trees;
        return [.. trees.Select(tree => RegressionTreeNodes.Of(tree, weight: 1, target: 0))];
    }

    private static (IEnumerable<RegressionTreeBase> Trees, IEnumerable<double> Weights, double Bias) Ensemble(object model)
    {
        if (model is TreeEnsembleModelParametersBasedOnRegressionTree { TrainedTreeEnsemble: var boosted })
            return (boosted.Trees, boosted.TreeWeights, boosted.Bias);
        // A forest answers the mean of its trees.
        var forest = ((FastForestRegressionModelParameters)model).TrainedTreeEnsemble;
        return (forest.Trees, forest.TreeWeights.Select(w => w / forest.Trees.Count), forest.Bias);
    }
}
