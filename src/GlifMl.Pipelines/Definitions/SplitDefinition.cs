using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>One part of a dataset: a stimulus and how many traces it drives.</summary>
public sealed record SplitDefinition
{
    /// <summary>The injected current, or a list of currents of which each trace draws one.</summary>
    public required StimulusMixture Stimulus { get; init; }

    /// <summary>How many traces; <see cref="TraceCount.All"/> is every configuration of a grid, once a sweep.</summary>
    public required TraceCount Traces { get; init; }

    /// <summary>How often the stimulus is repeated for each configuration before traces are chosen. Default 1; the case study's noise has 3.</summary>
    [Range(1, int.MaxValue)]
    public int Sweeps { get; init; } = 1;
}
