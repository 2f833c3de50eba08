namespace GlifMl.Pipelines;

/// <summary>One estimator of the chain.</summary>
/// <param name="Name">Its name in the catalogue.</param>
/// <param name="Options">Its options, of the type the catalogue names; null for a step without options.</param>
/// <param name="Mark">Where the definition names it.</param>
public sealed record StepDefinition(string Name, object? Options, SourceMark Mark);
