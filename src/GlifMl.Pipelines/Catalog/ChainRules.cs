using GlifMl.Pipelines.Definitions;

namespace GlifMl.Pipelines.Catalog;

/// <summary>What makes a list of steps a chain that can be trained.</summary>
public static class ChainRules
{
    /// <summary>Checks the order of a definition's steps.</summary>
    /// <exception cref="DefinitionException">There is not exactly one trainer, at the end, or more than one label step; all faults together.</exception>
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

        if (faults.Count > 0)
            throw new DefinitionException(faults);
    }

    private static string Trainers(EstimatorCatalog catalog) =>
        string.Join(", ", catalog.Entries.Where(e => e.Role == EstimatorRole.Trainer).Select(e => e.Name));
}
