using System.ComponentModel.DataAnnotations;

namespace GlifMl.Torch;

/// <summary>A small convolution network over time: its shape and how it is trained.</summary>
public sealed record CnnOptions : TrainerOptions, IValidatableObject
{
    /// <summary>Channels that each convolution gives, from the first to the last, each at least 1. Default [16, 32, 32]; at least one.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 32, 32];

    /// <summary>Samples that each convolution sees at a time, zeros beyond the ends. Default 7; at least 1.</summary>
    [Range(1, 1 << 16)]
    public int KernelSize { get; init; } = 7;

    /// <summary>Samples that each convolution moves on by. Default 1; at least 1.</summary>
    [Range(1, 1 << 16)]
    public int Stride { get; init; } = 1;

    /// <summary>How each convolution's output is shortened. Default max.</summary>
    public CnnPooling Pooling { get; init; } = CnnPooling.Max;

    /// <summary>Samples that pooling makes one of. Default 2; 1 is no pooling.</summary>
    [Range(1, 1 << 16)]
    public int PoolSize { get; init; } = 2;

    /// <summary>The function after each convolution. Default relu.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Batch normalisation (Ioffe &amp; Szegedy 2015, arXiv:1502.03167) before each activation. Default true.</summary>
    public bool BatchNorm { get; init; } = true;

    /// <summary>Probability of dropping a value before the linear head, in training. Default 0; below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Channels.Count == 0
            ? [new ValidationResult("expected at least one convolution", [nameof(Channels)])]
            : OptionRules.AllAtLeastOne(Channels, nameof(Channels));
}
