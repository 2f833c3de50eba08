namespace GlifMl.Estimators;

/// <summary>The mean label has no options.</summary>
public sealed record MeanOptions;
