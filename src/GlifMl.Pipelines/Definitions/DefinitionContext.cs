namespace GlifMl.Pipelines;

/// <summary>The names a definition may refer to.</summary>
/// <param name="Steps">The estimators that may stand in a <c>pipeline</c>.</param>
/// <param name="StimulusNames">The stimuli that may be named in a split, besides CSV files.</param>
public sealed record DefinitionContext(IStepCatalog Steps, IReadOnlyCollection<string> StimulusNames);
