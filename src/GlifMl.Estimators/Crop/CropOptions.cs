using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>Which stretch of a trace is kept.</summary>
public sealed record CropOptions
{
    /// <summary>The first sample kept, from 0. Default 0.</summary>
    [Range(0, int.MaxValue)]
    public int Start { get; init; }

    /// <summary>Samples kept, at least 1. Default null: all from <see cref="Start"/> on.</summary>
    [Range(1, int.MaxValue)]
    public int? Samples { get; init; }
}
