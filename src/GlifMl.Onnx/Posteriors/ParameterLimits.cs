namespace GlifMl;

/// <summary>Between which values a parameter lies, whatever is measured: the range that a design draws it from.</summary>
/// <param name="Least">The smallest value, SI units.</param>
/// <param name="Most">The largest.</param>
public sealed record ParameterLimits(double Least, double Most);
