using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>How a trace is brought to a lower sampling rate.</summary>
public sealed record ResampleOptions
{
    /// <summary>Samples that become one. Default 2; at least 1. Samples that do not fill a last box are left out.</summary>
    [Range(1, int.MaxValue)]
    public int Factor { get; init; } = 2;
}
