using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>
/// Learns a label vector with an ML.NET trainer of one number: the trainer is fitted to each slot of the label, and the models are joined into one
/// that gives the vector of scores, as one TreeEnsembleRegressor or one matrix product in ONNX. Of boosted trees it keeps, for each slot, as many as do best on the
/// validation rows, where there are such.
/// </summary>
public sealed class MultiOutputTrainer : OnnxExportableEstimator<MultiOutputTransformer>
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

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">There are no rows, more than fit into the cache, or a feature or label is not finite; so for the validation rows.</exception>
    /// <exception cref="ArgumentException">The trainer's model cannot be written as ONNX.</exception>
    public override MultiOutputTransformer Fit(IDataView input)
    {
        var table = new TrainingTable(input, _features, _label, _options.CacheMebibytes);
        var scale = _options.Standardise ? table.Standardise() : default;
        var models = new object[table.Outputs];
        for (var k = 0; k < models.Length; k++)
        {
            // A context of its own for each: what it draws does not depend on what was fitted before.
            var ml = new MLContext(_options.Seed ?? 1);
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
