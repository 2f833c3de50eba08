using System.ComponentModel.DataAnnotations;

namespace GlifMl;

/// <summary>The posterior that a network learns instead of one answer: a mixture of Gaussians with full covariances.</summary>
public sealed record PosteriorOptions
{
    /// <summary>Gaussians of the mixture; 1 is a plain Gaussian. Default 4; 1 to 32.</summary>
    [Range(1, 32)]
    public int Components { get; init; } = 4;
}
