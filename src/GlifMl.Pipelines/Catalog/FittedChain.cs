using GlifMl.Estimators;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>
/// A definition's chain, fitted: from the shards' columns to the column <see cref="ChainContext.ParametersColumn"/> in SI units.
/// </summary>
internal sealed class FittedChain
{
    private FittedChain(IReadOnlyList<ITransformer> steps, DataViewSchema inputSchema) => (Steps, InputSchema) = (steps, inputSchema);

    /// <summary>The fitted steps, in order, without those that serve training alone.</summary>
    public IReadOnlyList<ITransformer> Steps { get; }

    /// <summary>The columns the chain was fitted on.</summary>
    public DataViewSchema InputSchema { get; }

    /// <summary>What there is to know of the posterior; null where the chain gives parameters alone.</summary>
    public PosteriorInfo? Posterior => Steps.OfType<RestorePosteriorTransformer>().FirstOrDefault()?.Scaling.Info;

    /// <summary>The columns that the model gives.</summary>
    public IReadOnlyList<string> Outputs =>
        [
            ChainContext.ParametersColumn,
            .. Steps.OfType<RestorePosteriorTransformer>().Select(step => step.OutputColumn),
            .. Steps.OfType<SpreadTransformer>().Select(step => step.OutputColumn),
        ];

    /// <summary>The chain as one ML.NET transformer.</summary>
    public TransformerChain<ITransformer> ToTransformer() => new([.. Steps]);

    /// <summary>Fits the steps one after the other, each on what the ones before it made of the training rows.</summary>
    /// <param name="definition">The definition; its steps have been checked by <see cref="ChainRules"/>.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <param name="context">The columns and the run.</param>
    /// <param name="train">Training rows.</param>
    /// <param name="validation">Validation rows, or null.</param>
    public static FittedChain Fit(
        PipelineDefinition definition,
        EstimatorCatalog catalog,
        ChainContext context,
        IDataView train,
        IDataView? validation
    )
    {
        var steps = new List<ITransformer>();
        var inputSchema = train.Schema;
        context.Validation = validation;

        foreach (var (step, entry, estimator) in Estimators(definition, catalog, context))
        {
            if (entry?.Role == EstimatorRole.Trainer)
                Announce(step, estimator, context);
            var fitted = estimator.Fit(train);
            if (entry is { TrainingOnly: false, Role: not EstimatorRole.Label } && StockStepWriter.Refusal(fitted, train) is { } reason)
                throw new InvalidDataException(
                    $"step '{step}'{OptionsOf(definition, step)}: found a fitted step that cannot be written as ONNX{reason}; "
                        + "expected other options or another step"
                );
            train = fitted.Transform(train);
            context.Run.Endless?.Append(fitted);
            if (entry is { TrainingOnly: true })
                continue;
            steps.Add(fitted);
            // It is in its checkpoint; the chain is another process's to end.
            if (entry?.Role == EstimatorRole.Trainer && context.Member is not null)
                return new FittedChain(steps, inputSchema);
            context.Validation = context.Validation is { } rows ? fitted.Transform(rows) : null;
            var answers = definition.Ensemble is null ? entry?.Role == EstimatorRole.Trainer : estimator is EnsembleEstimator;
            if (!answers || BehindTrainer(definition, context, train) is not { } posterior)
                continue;
            steps.Add(posterior);
            train = posterior.Transform(train);
            context.Validation = posterior.Transform(context.Validation!);
            context.Answers = posterior.OutputColumn;
        }

        steps.AddRange(RestorePosteriorTransformer.All(train.Schema, context.Answers, ChainContext.LabelColumn));
        return new FittedChain(steps, inputSchema);
    }

    private static ValidatedPosteriorTransformer? BehindTrainer(PipelineDefinition definition, ChainContext context, IDataView train) =>
        definition.Steps[^1].Options is IPosteriorTrainer { Posterior: { } options }
            ? ValidatedPosterior.Fit(options, train, context.Validation, ChainContext.ScoreColumn, ChainContext.LabelColumn)
            : null;

    // What was chosen otherwise than by default: where ML.NET's own answer and its nodes' differ, it is one of these.
    private static string OptionsOf(PipelineDefinition definition, string step) =>
        definition.Steps.FirstOrDefault(s => s.Name == step)?.Options is StockOptions { Given: { Count: > 0 } given }
            ? $" with {string.Join(", ", given.Select(o => $"{OptionSchema.YamlName(o.Property)}: {ScalarText(o.Value)}"))}"
            : "";

    private static string ScalarText(object? value) =>
        value is null ? "~"
        : ScalarValues.Handles(value.GetType()) ? ScalarValues.Format(value)
        : "...";

    /// <summary>A trainer reads all traces before its first step, and most of ML.NET's say nothing before they are done.</summary>
    private static void Announce(string step, IEstimator<ITransformer> trainer, ChainContext context)
    {
        context.Progress?.Invoke(0, $"{step} loads its traces");
        if (trainer is MultiOutputTrainer outputs)
            outputs.Progress = Told;
        if (trainer is StockTrainer stock)
            stock.Progress = Told;

        void Told(int done, int all) => context.Progress?.Invoke((double)done / all, $"{step}, target {done + 1} of {all}");
    }

    /// <summary>The estimators of a definition, each made when its turn comes, so that it is told what the ones before it did.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <param name="context">The columns and the run; they change as the chain goes on.</param>
    internal static IEnumerable<(string Step, EstimatorEntry? Entry, IEstimator<ITransformer> Estimator)> Estimators(
        PipelineDefinition definition,
        EstimatorCatalog catalog,
        ChainContext context
    )
    {
        if (definition.Steps.All(s => catalog[s.Name].Role != EstimatorRole.Label))
            yield return (
                "scale-targets",
                catalog["scale-targets"],
                new ScaleTargetsEstimator(context.Ml, context.Targets, ChainContext.LabelColumn, new ScaleTargetsOptions(), context.Limits)
            );
        var scales = definition.Steps.Select(s => s.Options).OfType<ScaleTargetsOptions>().FirstOrDefault() ?? new ScaleTargetsOptions();
        foreach (var step in definition.Steps)
        {
            // Last before the trainer: no step between would know what to do with it.
            if (definition.Known is { } known && catalog[step.Name].Role == EstimatorRole.Trainer)
            {
                var beside = context.Beside;
                var areFeatures = beside is not null || definition.Steps.Any(s => s.Options is TraceFeaturesOptions or MembraneFitOptions);
                var (read, added) = beside is null ? (context.Trace, context.AddTrace("Known")) : (beside, context.PutBeside("Known"));
                yield return ("known", null, new KnownEstimator(context.Ml, read, known, added, scales, areFeatures));
            }

            if (catalog[step.Name].Role == EstimatorRole.Trainer && definition.Ensemble is { } count)
            {
                foreach (
                    var member in EnsembleMember.All(definition, count).Where(m => context.Member is null || m.Number == context.Member)
                )
                    yield return ($"{step.Name}, {member}", catalog[step.Name], member.Create(catalog[step.Name], step.Options!, context));
                yield return (
                    "ensemble",
                    null,
                    new EnsembleEstimator(context.Ml, [.. EnsembleMember.All(definition, count).Select(m => m.Score)], context.Score)
                );
            }
            else
            {
                yield return (step.Name, catalog[step.Name], catalog[step.Name].Create(step.Options!, context));
            }
        }

        yield return (
            "restore-targets",
            null,
            new RestoreTargetsEstimator(context.Ml, context.Answers, ChainContext.LabelColumn, ChainContext.ParametersColumn)
        );
        if (definition.Ensemble is not { } members)
            yield break;
        foreach (var member in EnsembleMember.All(definition, members))
            yield return (
                "restore-targets",
                null,
                new RestoreTargetsEstimator(context.Ml, member.Score, ChainContext.LabelColumn, member.Parameters)
            );
        yield return (
            "spread",
            null,
            new SpreadEstimator(context.Ml, [.. EnsembleMember.All(definition, members).Select(m => m.Parameters)], TraceColumns.Spread)
        );
    }
}
