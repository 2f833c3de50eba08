using GlifMl.Estimators;

namespace GlifMl.Pipelines;

/// <summary>What makes a list of steps a chain that can be trained.</summary>
public static class ChainRules
{
    /// <summary>Checks the order of a definition's steps.</summary>
    /// <exception cref="DefinitionException">
    /// There is not exactly one trainer, at the end, or more than one label step, or a step takes from the trace what a later one reads; all faults together.
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
            if (Clash(step, definition.Steps.Take(i), catalog) is { } clash)
                faults.Add(new(step.Mark, clash));
        }

        if (definition.Steps[^1].Options is ClosedFormOptions)
            faults.AddRange(
                definition
                    .Steps.Where(step => LossForClosedForm(step.Options) is not null)
                    .Select(step => new DefinitionFault(step.Mark, $"'{step.Name}' {LossForClosedForm(step.Options)}"))
            );
        if (faults.Count > 0)
            throw new DefinitionException(faults);
    }

    /// <summary>What stands before a step that it undoes, or that leaves nothing it can work on; null where nothing does.</summary>
    private static string? Clash(StepDefinition step, IEnumerable<StepDefinition> before, EstimatorCatalog catalog) =>
        step.Options switch
        {
            ChannelsOptions when before.LastOrDefault(b => catalog[b.Name].Role == EstimatorRole.Trace) is { } undone =>
                $"'{step.Name}' reads the recorded voltage and stimulus, not what '{undone.Name}' makes of them; expected it before '{undone.Name}'",
            NoiseOptions
                when before.FirstOrDefault(b => b.Options is ScaleTraceOptions or BlockReduceOptions or TraceFeaturesOptions)
                    is { } first =>
                $"'{step.Name}' is in mV a sample, which '{first.Name}' does not leave; expected it before '{first.Name}'",
            _ => null,
        };

    /// <summary>
    /// What a step takes from the closed form, whose clock is the pulse of known length that a trace begins with, and whose equation goes from one simulated
    /// sample to the next, in mV and pA; null for a step that leaves it all three.
    /// </summary>
    private static string? LossForClosedForm(object? options) =>
        options switch
        {
            ScaleTraceOptions => "changes the scale, but the equation of 'closed-form' reads mV and pA; expected no such step before it",
            TraceFeaturesOptions => "leaves no trace, which the equation of 'closed-form' reads; expected no such step before it",
            CropOptions { Start: > 0 and var start } =>
                $"cuts {start} samples off the first pulse, by whose length 'closed-form' tells the time step; expected start 0",
            ResampleOptions { Factor: > 1 and var factor } => Joined(factor),
            BlockReduceOptions { Size: > 1 and var size } => Joined(size),
            _ => null,
        };

    private static string Joined(int samples) =>
        $"makes one sample of {samples}, but the equation of 'closed-form' goes from one simulated sample to the next; expected no such step before it";

    private static string Trainers(EstimatorCatalog catalog) =>
        string.Join(", ", catalog.Entries.Where(e => e.Role == EstimatorRole.Trainer).Select(e => e.Name));
}
