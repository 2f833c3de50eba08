namespace GlifMl.Torch;

/// <summary>The columns of a trainer.</summary>
/// <param name="Label">The label column: a vector of Single, in units of order one.</param>
/// <param name="Features">The trace column: a vector of Single, [samples] or [samples, channels], without NaN.</param>
/// <param name="Score">The score column it adds: as many values as the label.</param>
public sealed record TrainerColumns(string Label = "Label", string Features = "Features", string Score = "Score");
