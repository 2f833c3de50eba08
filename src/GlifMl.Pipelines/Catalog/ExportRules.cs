using GlifMl.Onnx;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace GlifMl.Pipelines;

/// <summary>Whether every step of a definition can be written as ONNX, asked before anything is fitted.</summary>
/// <remarks>
/// An estimator says what it will be fitted to in its type, as the T of IEstimator of T. Label and augmentation steps are not asked: they serve training
/// alone and leave nothing in the graph. Of an ML.NET chain only the last part can be seen; the exporter names any other.
/// </remarks>
public static class ExportRules
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
        return entry.Role == EstimatorRole.Label || entry.TrainingOnly || fitted.Any(IsExportable)
            ? null
            : new(
                step.Mark,
                $"step '{step.Name}' is fitted to {fitted[^1].Name}, which cannot be written as ONNX; expected a transformer that is {nameof(IOnnxExportable)}"
            );
    }

    private static IEnumerable<Type> FittedTypes(Type estimator) =>
        estimator
            .GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEstimator<>))
            .Select(i => i.GenericTypeArguments[0]);

    private static bool IsExportable(Type transformer) =>
        transformer.IsAssignableTo(typeof(IOnnxExportable))
        || transformer == typeof(ColumnCopyingTransformer)
        || transformer == typeof(ColumnSelectingTransformer)
        || (
            transformer.IsGenericType
            && transformer.GetGenericTypeDefinition() == typeof(TransformerChain<>)
            && IsExportable(transformer.GenericTypeArguments[0])
        );
}
