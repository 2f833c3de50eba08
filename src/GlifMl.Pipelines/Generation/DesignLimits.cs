namespace GlifMl.Pipelines;

/// <summary>Between which values a design draws each target, so that no posterior need reach beyond.</summary>
internal static class DesignLimits
{
    /// <summary>
    /// The ranges of a definition's targets; null where labels are not what the design draws (those of a membrane are made of its
    /// response), or where it draws none from a range with ends.
    /// </summary>
    public static IReadOnlyList<ParameterLimits?>? Of(PipelineDefinition definition)
    {
        if (definition.Dataset.Membrane is not null)
            return null;
        ParameterLimits?[] limits = [.. definition.Targets.Select(target => Of(definition.Dataset.Parameters, target))];
        return Array.TrueForAll(limits, l => l is null) ? null : limits;
    }

    // A normal range has no ends, and a grid's values no even spread between them.
    private static ParameterLimits? Of(ParametersDefinition design, string target) =>
        design.Ranges.TryGetValue(target, out var range) && range is { IsFixed: false, Scale: RangeScale.Linear or RangeScale.Log }
            ? new(range.Min, range.Max)
            : null;
}
