using System.ComponentModel.DataAnnotations;

namespace GlifMl.Torch;

/// <summary>The multilayer perceptron over a whole trace: its shape and how it is trained.</summary>
public sealed record MlpOptions : TrainerOptions, IValidatableObject
{
    /// <summary>Units of each hidden layer, from the first to the last, each at least 1. Default [64, 64]; an empty list is a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The function after each hidden layer. Default relu.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Batch normalisation (Ioffe &amp; Szegedy 2015, arXiv:1502.03167) before each activation. Default false.</summary>
    public bool BatchNorm { get; init; }

    /// <summary>Probability of dropping a value after each hidden layer, in training. Default 0; below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => OptionRules.AllAtLeastOne(Hidden, nameof(Hidden));
}
