using System.ComponentModel.DataAnnotations;

namespace GlifMl;

/// <summary>The posterior that a trainer gives instead of one answer: a mixture of Gaussians with full covariances.</summary>
public sealed record PosteriorOptions
{
    /// <summary>Gaussians of the mixture; 1 is a plain Gaussian. Default 4; 1 to 32.</summary>
    [Range(1, 32)]
    public int Components { get; init; } = 4;

    /// <summary>
    /// Multiplies the widths of a network's posteriors, for each parameter by the factor that makes its validation labels likeliest, within
    /// the model. Default false. Ignored where posteriors are those of the errors on validation traces, as all but a network's are.
    /// </summary>
    public bool Calibrate { get; init; }
}

/// <summary>Options of a trainer that can give a posterior.</summary>
internal interface IPosteriorTrainer
{
    /// <summary>The posterior that is asked for; null: one answer.</summary>
    PosteriorOptions? Posterior { get; }

    /// <summary>Whether the trainer learns it; else it is that of its errors on validation traces.</summary>
    bool LearnsPosterior => false;
}
