using GlifMl.Estimators.ScaleTargets;
using GlifMl.Pipelines.Definitions;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines.Catalog;

/// <summary>A definition's chain, fitted: from the shards' columns to the column <see cref="ChainContext.ParametersColumn"/> in SI units.</summary>
public sealed class FittedChain
{
    private FittedChain(IReadOnlyList<ITransformer> steps, DataViewSchema inputSchema) => (Steps, InputSchema) = (steps, inputSchema);

    /// <summary>The fitted steps, in order, without those that serve training alone.</summary>
    public IReadOnlyList<ITransformer> Steps { get; }

    /// <summary>The columns the chain was fitted on.</summary>
    public DataViewSchema InputSchema { get; }

    /// <summary>The chain as one ML.NET transformer.</summary>
    public TransformerChain<ITransformer> ToTransformer() => new([.. Steps]);

    /// <summary>Fits the steps one after the other, each on what the ones before it made of the training rows.</summary>
    /// <param name="definition">The definition; its steps have been checked by <see cref="ChainRules"/>.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <param name="context">The columns and the run.</param>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows, or null.</param>
    public static FittedChain Fit(PipelineDefinition definition, EstimatorCatalog catalog, ChainContext context, IDataView train, IDataView? validation)
    {
        var steps = new List<ITransformer>();
        var inputSchema = train.Schema;
        context.Validation = validation;

        void Apply(IEstimator<ITransformer> estimator, bool trainingOnly = false)
        {
            var fitted = estimator.Fit(train);
            train = fitted.Transform(train);
            if (trainingOnly)
                return;
            steps.Add(fitted);
            context.Validation = context.Validation is { } rows ? fitted.Transform(rows) : null;
        }

        if (definition.Steps.All(s => catalog[s.Name].Role != EstimatorRole.Label))
            Apply(new ScaleTargetsEstimator(context.Ml, context.Targets, ChainContext.LabelColumn, new ScaleTargetsOptions()));
        foreach (var step in definition.Steps)
            Apply(catalog[step.Name].Create(step.Options!, context), catalog[step.Name].TrainingOnly);
        Apply(new RestoreTargetsEstimator(context.Ml, ChainContext.ScoreColumn, ChainContext.LabelColumn, ChainContext.ParametersColumn));
        return new FittedChain(steps, inputSchema);
    }
}
