namespace GlifMl.Pipelines;

/// <summary>Wall time of each stage, s; null for a stage that this run did not go through.</summary>
public sealed record StageSeconds(double? Generate = null, double? Train = null, double? Export = null, double? Evaluate = null);
