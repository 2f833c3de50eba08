using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>How a long trace is shortened for a sequence model.</summary>
public sealed record BlockReduceOptions
{
    /// <summary>Samples a block. Default 20; at least 1. Samples that do not fill a last block are left out.</summary>
    [Range(1, int.MaxValue)]
    public int Size { get; init; } = 20;

    /// <summary>Adds a channel for each input channel: its last sample less its first within the block. Default false.</summary>
    public bool Change { get; init; }

    /// <summary>Adds one channel: the fraction of the block's samples that lie in a spike cut (NaN in the first channel). Default false.</summary>
    public bool CutFraction { get; init; }
}
