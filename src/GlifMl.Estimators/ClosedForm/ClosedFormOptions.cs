using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>Identification by least squares.</summary>
public sealed record ClosedFormOptions
{
    /// <summary>
    /// How long the current pulse lasts that every stimulus begins with, s: the one thing of known duration in a trace, and so its clock.
    /// Default 0.010; above 0.
    /// </summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double PulseSeconds { get; init; } = 0.010;

    /// <summary>
    /// Passes each estimate through the line, in label units, that fits it best to the training labels: estimates that noise has biased are
    /// set right on average, and one that tells nothing of its label becomes the label's mean. Default false: the equations alone.
    /// </summary>
    public bool Calibrate { get; init; }
}
