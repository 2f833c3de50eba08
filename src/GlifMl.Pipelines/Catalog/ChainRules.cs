using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>What makes a list of steps a chain that can be trained.</summary>
internal static class ChainRules
{
    /// <summary>Checks the order of a definition's steps.</summary>
    /// <exception cref="DefinitionException">
    /// There is not exactly one trainer, at the end, or more than one label step, or a step takes from the trace what
    /// a later one reads; all faults together.
    /// </exception>
    public static void Check(PipelineDefinition definition, EstimatorCatalog catalog)
    {
        var faults = new List<DefinitionFault>();
        var labels = 0;
        for (var i = 0; i < definition.Steps.Count; i++)
        {
            var (step, last) = (definition.Steps[i], i == definition.Steps.Count - 1);
            var role = catalog[step.Name].Role;
            if (role == EstimatorRole.Trainer && !last)
                faults.Add(new(step.Mark, $"found a step behind trainer '{step.Name}'; expected it to be the last"));
            if (role != EstimatorRole.Trainer && last)
                faults.Add(new(step.Mark, $"found '{step.Name}' as the last step; expected a trainer: {Trainers(catalog)}"));
            if (role == EstimatorRole.Label && ++labels > 1)
                faults.Add(new(step.Mark, $"found '{step.Name}' as a second label step; expected one"));
            if (Clash(step, definition.Steps.Take(i), catalog) is { } clash)
                faults.Add(new(step.Mark, clash));
        }

        if (definition.Steps[^1].Options is ClosedFormOptions)
            faults.AddRange(
                definition
                    .Steps.Where(step => LossForClosedForm(step.Options) is not null)
                    .Select(step => new DefinitionFault(
                        step.Mark,
                        $"found '{step.Name}' before 'closed-form'; expected {LossForClosedForm(step.Options)}"
                    ))
            );
        if (
            definition.Dataset.Splits.Train.IsEndless
            && definition.Steps[^1] is var trainer
            && catalog[trainer.Name].Role == EstimatorRole.Trainer
            && trainer.Options is not TrainerOptions
        )
            faults.Add(
                new(
                    trainer.Mark,
                    $"found trainer '{trainer.Name}', which is fitted once; expected a network ({Networks(catalog)}), "
                        + "because dataset.splits.train.source is simulate and gives other traces in each epoch"
                )
            );
        if (definition.Known is { } known && definition.Steps[^1] is { Options: ClosedFormOptions } solver)
            faults.Add(
                new(solver.Mark, $"found '{solver.Name}' with known: {string.Join(", ", known)}; expected none, because it solves for all")
            );
        if (
            definition.Steps.FirstOrDefault(s => s.Options is MembraneFitOptions { Beside: true }) is { } beside
            && catalog[definition.Steps[^1].Name].Role == EstimatorRole.Trainer
            && definition.Steps[^1].Options is not BiLstmOptions
        )
            faults.Add(
                new(
                    beside.Mark,
                    $"found '{beside.Name}' beside the trace of trainer '{definition.Steps[^1].Name}'; "
                        + "expected bilstm, which corrects it, or beside: false, which makes it the trainer's features"
                )
            );
        if (definition.Ensemble is not null && definition.Steps[^1] is { Options: not TrainerOptions } alone)
            faults.Add(
                new(
                    alone.Mark,
                    $"found trainer '{alone.Name}' with ensemble: {definition.Ensemble}; expected a network ({Networks(catalog)})"
                )
            );
        if (TooFewForPosterior(definition) is { } tooFew)
            faults.Add(new(definition.Steps[^1].Mark, tooFew));
        if (faults.Count > 0)
            throw new DefinitionException(faults);
    }

    /// <summary>What is said of a posterior that is to be fitted to validation traces that are not there; null where it is not.</summary>
    private static string? TooFewForPosterior(PipelineDefinition definition)
    {
        var trainer = definition.Steps[^1];
        if (
            trainer.Options is not IPosteriorTrainer { Posterior: { } posterior } options
            || (options.LearnsPosterior && !posterior.Calibrate)
        )
            return null;
        var traces = definition.Dataset.Splits.Validation is { } validation ? validation.Traces.Number ?? int.MaxValue : 0;
        var least = ValidatedPosterior.Least(posterior, options.LearnsPosterior);
        return traces < least
            ? $"pipeline.{trainer.Name}.posterior: found {traces} validation traces; expected at least {least}, which it is fitted to"
            : null;
    }

    /// <summary>What stands before a step that it undoes, or that leaves nothing it can work on; null where nothing does.</summary>
    private static string? Clash(StepDefinition step, IEnumerable<StepDefinition> before, EstimatorCatalog catalog) =>
        step.Options switch
        {
            ChannelsOptions when before.LastOrDefault(b => catalog[b.Name].Role == EstimatorRole.Trace) is { } undone =>
                $"found '{step.Name}' behind '{undone.Name}'; " + "expected it before, because it reads the recorded voltage and stimulus",
            MembraneFitOptions when before.Any(b => b.Options is MembraneFitOptions) => $"found '{step.Name}' twice; expected it once",
            MembraneFitOptions
                when before.FirstOrDefault(b => catalog[b.Name].Role == EstimatorRole.Trace && b.Options is not ChannelsOptions)
                    is { } changed =>
                $"found '{step.Name}' behind '{changed.Name}'; expected it before, because it reads the recorded voltage and stimulus",
            NoiseOptions
                when before.FirstOrDefault(b =>
                    b.Options is ScaleTraceOptions or BlockReduceOptions or TraceFeaturesOptions or MembraneFitOptions or StockOptions
                )
                    is { } first => $"found '{step.Name}' behind '{first.Name}'; expected it before, because it is in mV a sample",
            _ => null,
        };

    /// <summary>
    /// What a step takes from the closed form, whose clock is the pulse of known length that a trace begins with, and whose equation goes
    /// from one simulated sample to the next, in mV and pA; null for a step that leaves it all three.
    /// </summary>
    private static string? LossForClosedForm(object? options) =>
        options switch
        {
            ScaleTraceOptions or StockOptions => "none, because its equation reads mV and pA",
            TraceFeaturesOptions or MembraneFitOptions => "none, because its equation reads a trace",
            CropOptions { Start: > 0 and var start } =>
                $"its start to be 0, not {start}, because the time step follows from the length of the first pulse",
            ResampleOptions { Factor: > 1 and var factor } => Joined(factor),
            BlockReduceOptions { Size: > 1 and var size } => Joined(size),
            _ => null,
        };

    private static string Joined(int samples) =>
        $"it to join no samples, where it joins {samples}, because its equation goes from one simulated sample to the next";

    private static string Networks(EstimatorCatalog catalog) =>
        string.Join(", ", catalog.Entries.Where(e => e.OptionsType.IsAssignableTo(typeof(TrainerOptions))).Select(e => e.Name));

    private static string Trainers(EstimatorCatalog catalog) =>
        string.Join(", ", catalog.Entries.Where(e => e.Role == EstimatorRole.Trainer).Select(e => e.Name));
}

/// <summary>Whether every step of a definition can be written as ONNX, asked before anything is fitted.</summary>
/// <remarks>
/// An estimator says what it will be fitted to in its type, as the T of IEstimator of T. Label and augmentation steps are not asked: they
/// serve training alone and leave nothing in the graph. Of an ML.NET chain only the last part can be seen. A step of ML.NET's own is
/// compared with its nodes once it is fitted.
/// </remarks>
internal static class ExportRules
{
    /// <summary>Makes every estimator of a definition, without fitting any, and looks at what it would be fitted to.</summary>
    /// <param name="definition">The definition; its steps have been checked by <see cref="ChainRules"/>.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <exception cref="DefinitionException">A step refuses its options, or cannot be written as ONNX; all faults together.</exception>
    public static void Check(PipelineDefinition definition, EstimatorCatalog catalog)
    {
        var context = new ChainContext
        {
            Ml = new MLContext(definition.Seed),
            Targets = definition.Targets,
            Seed = definition.Seed,
            Run = new TrainingRun(),
        };
        DefinitionFault[] faults = [.. definition.Steps.Select(step => Fault(step, catalog[step.Name], context)).OfType<DefinitionFault>()];
        if (faults.Length > 0)
            throw new DefinitionException(faults);
    }

    private static DefinitionFault? Fault(StepDefinition step, EstimatorEntry entry, ChainContext context)
    {
        IEstimator<ITransformer> estimator;
        try
        {
            estimator = entry.Create(step.Options!, context);
        }
        catch (ArgumentException e)
        {
            return new(step.Mark, $"step '{step.Name}': {e.Message.ReplaceLineEndings(" ")}");
        }

        var fitted = FittedTypes(estimator.GetType()).ToArray();
        return entry.Role == EstimatorRole.Label || entry.TrainingOnly || step.Options is StockOptions || fitted.Any(IsExportable)
            ? null
            : new(
                step.Mark,
                $"found step '{step.Name}', which is fitted to {fitted[^1].Name} and cannot be written as ONNX; "
                    + $"expected a transformer that is {nameof(IOnnxExportable)}, or one of ML.NET's own that has ONNX nodes"
            );
    }

    private static IEnumerable<Type> FittedTypes(Type estimator) =>
        estimator
            .GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEstimator<>))
            .Select(i => i.GenericTypeArguments[0]);

    private static bool IsExportable(Type transformer) =>
        transformer.IsAssignableTo(typeof(IOnnxExportable))
        || StockCatalog.MayHaveNodes(transformer)
        || (
            transformer.IsGenericType
            && transformer.GetGenericTypeDefinition() == typeof(TransformerChain<>)
            && IsExportable(transformer.GenericTypeArguments[0])
        );
}
