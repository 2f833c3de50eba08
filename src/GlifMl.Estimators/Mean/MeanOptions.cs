namespace GlifMl.Estimators.Mean;

/// <summary>The mean label has no options.</summary>
public sealed record MeanOptions;
