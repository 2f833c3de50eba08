namespace GlifMl.Pipelines;

/// <summary>How parameter values are laid out over their ranges.</summary>
public enum DesignKind
{
    /// <summary>Every combination of the listed values.</summary>
    Grid,

    /// <summary>A Sobol low-discrepancy sequence over the ranges.</summary>
    Sobol,

    /// <summary>One point in each of <see cref="ParametersDefinition.Count"/> strata of every range.</summary>
    LatinHypercube,

    /// <summary>Independent draws from the ranges.</summary>
    Uniform,
}
