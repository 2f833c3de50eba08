using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Pipelines;

/// <summary>One estimator that a definition can name.</summary>
/// <param name="Name">Its name in definitions.</param>
/// <param name="Role">Its place in a chain.</param>
/// <param name="Summarise">Says what it does, in one sentence.</param>
/// <param name="BindTo">Gives the record its options are bound to.</param>
/// <param name="Create">Makes the estimator from its options and the chain so far.</param>
internal sealed record EstimatorEntry(
    string Name,
    EstimatorRole Role,
    Func<string> Summarise,
    Func<Type> BindTo,
    Func<object, ChainContext, IEstimator<ITransformer>> Create
)
{
    /// <summary>What it does, in one sentence.</summary>
    public string Summary => Summarise();

    /// <summary>The record its options are bound to.</summary>
    public Type OptionsType => BindTo();

    /// <summary>A step of ML.NET's own.</summary>
    public static EstimatorEntry Of(StockStep step) =>
        new(
            step.Name,
            step.IsTrainer ? EstimatorRole.Trainer : EstimatorRole.Trace,
            () => step.Summary,
            () => step.OptionsType,
            (o, c) =>
            {
                var options = (StockOptions)o;
                var input = options.Find<string>("InputColumnName") ?? c.Trace;
                var output =
                    step.IsTrainer ? ChainContext.ScoreColumn
                    : !step.AddsColumn ? c.Trace
                    : step.OutputOf(options) is { } name ? c.UseTrace(name)
                    : c.AddTrace(step.Method);
                return step.Create(
                    options,
                    new StockPlace(c.Ml, ((ISeededOptions)options).Seed ?? c.Seed, input, output, ChainContext.LabelColumn, c.Targets)
                );
            }
        );

    /// <summary>
    /// Whether it serves training alone: what it makes of the training rows takes the place of what
    /// was there, and it is no step of the model.
    /// </summary>
    public bool TrainingOnly => Role == EstimatorRole.Augmentation;
}
