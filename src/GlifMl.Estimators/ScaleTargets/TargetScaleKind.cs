namespace GlifMl.Estimators;

/// <summary>The ways a target becomes a label.</summary>
public enum TargetScaleKind
{
    /// <summary>Multiplied by a factor.</summary>
    Fixed,

    /// <summary>Less its training mean, over its training standard deviation.</summary>
    Standardise,

    /// <summary>Its natural logarithm, standardised. For positive targets that vary by ratio.</summary>
    Log,
}
