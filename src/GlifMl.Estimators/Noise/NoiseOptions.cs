using System.ComponentModel.DataAnnotations;
using GlifMl.Simulation;

namespace GlifMl.Estimators;

/// <summary>What a recording adds to a simulated voltage.</summary>
public sealed record NoiseOptions : RecordingNoise
{
    /// <summary>Seed. Default null: the definition's.</summary>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }
}
