namespace GlifMl.Pipelines;

/// <summary>A definition of a comparison and its models.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Trace">What it stores of each trace.</param>
/// <param name="Models">Its models, one a seed; the same seeds in the same order for all definitions of a comparison.</param>
public sealed record ComparedDefinition(string Name, TraceDefinition Trace, IReadOnlyList<ComparedModel> Models);
