using GlifMl.Estimators.BlockReduce;
using GlifMl.Estimators.ClosedForm;
using GlifMl.Estimators.Crop;
using GlifMl.Estimators.Resample;
using GlifMl.Pipelines.Definitions;

namespace GlifMl.Pipelines.Catalog;

/// <summary>What makes a list of steps a chain that can be trained.</summary>
public static class ChainRules
{
    /// <summary>Checks the order of a definition's steps.</summary>
    /// <exception cref="DefinitionException">
    /// There is not exactly one trainer, at the end, or more than one label step, or a step takes from the trace what the trainer reads time by; all faults together.
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
                faults.Add(new(step.Mark, $"trainer '{step.Name}' is followed by another step; expected it to be the last"));
            if (role != EstimatorRole.Trainer && last)
                faults.Add(new(step.Mark, $"the last step is '{step.Name}'; expected a trainer: {Trainers(catalog)}"));
            if (role == EstimatorRole.Label && ++labels > 1)
                faults.Add(new(step.Mark, $"'{step.Name}' stands twice; expected one label step"));
        }

        if (definition.Steps[^1].Options is ClosedFormOptions)
            faults.AddRange(definition.Steps.Where(step => LossOfTime(step.Options) is not null).Select(step => new DefinitionFault(step.Mark, $"'{step.Name}' {LossOfTime(step.Options)}")));
        if (faults.Count > 0)
            throw new DefinitionException(faults);
    }

    /// <summary>
    /// What a step takes from the closed form, whose clock is the pulse of known length that a trace begins with, and whose equation goes from one simulated
    /// sample to the next; null for a step that leaves it both.
    /// </summary>
    private static string? LossOfTime(object? options) => options switch
    {
        CropOptions { Start: > 0 and var start } => $"cuts {start} samples off the first pulse, by whose length 'closed-form' tells the time step; expected start 0",
        ResampleOptions { Factor: > 1 and var factor } => Joined(factor),
        BlockReduceOptions { Size: > 1 and var size } => Joined(size),
        _ => null,
    };

    private static string Joined(int samples) => $"makes one sample of {samples}, but the equation of 'closed-form' goes from one simulated sample to the next; expected no such step before it";

    private static string Trainers(EstimatorCatalog catalog) =>
        string.Join(", ", catalog.Entries.Where(e => e.Role == EstimatorRole.Trainer).Select(e => e.Name));
}
