using System.ComponentModel.DataAnnotations;

namespace GlifMl.Estimators;

/// <summary>How a trainer of one number is made to learn a whole label vector.</summary>
public record MultiOutputOptions
{
    /// <summary>Seed of everything random in the training. Default null: the definition's, or 1.</summary>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    /// <summary>
    /// Gives the trainer features less their training mean, over their training standard deviation. Default false, which is right for trees;
    /// <c>linear</c> has it true.
    /// </summary>
    public bool Standardise { get; init; }

    /// <summary>Memory that the training features may take, MiB. Default 1024; at least 1. More is refused.</summary>
    [Range(1, int.MaxValue)]
    public int CacheMebibytes { get; init; } = 1024;
}
