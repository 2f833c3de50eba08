using Microsoft.ML;

namespace GlifMl.Pipelines;

/// <summary>One estimator that a definition can name.</summary>
/// <param name="Name">Its name in definitions.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Role">Its place in a chain.</param>
/// <param name="OptionsType">The record its options are bound to.</param>
/// <param name="Create">Makes the estimator from its options and the chain so far.</param>
public sealed record EstimatorEntry(
    string Name,
    string Summary,
    EstimatorRole Role,
    Type OptionsType,
    Func<object, ChainContext, IEstimator<ITransformer>> Create
)
{
    /// <summary>Whether it serves training alone: what it makes of the training rows takes the place of what was there, and it is no step of the model.</summary>
    public bool TrainingOnly => Role == EstimatorRole.Augmentation;
}
