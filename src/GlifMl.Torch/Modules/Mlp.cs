using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>The multilayer perceptron over a whole trace: its shape and how it is trained.</summary>
public sealed record MlpOptions : TrainerOptions, IValidatableObject
{
    /// <summary>
    /// Units of each hidden layer, from the first to the last, each at least 1. Default [64, 64]; an empty list is a linear model.
    /// </summary>
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

/// <summary>A multilayer perceptron over a whole trace, all samples and channels side by side.</summary>
internal static class MlpNetwork
{
    public static nn.Module<Tensor, Tensor> Create(MlpOptions options, ModuleShape shape)
    {
        var layers = new List<nn.Module<Tensor, Tensor>> { nn.Flatten() };
        var width = shape.Samples * shape.Channels;
        foreach (var hidden in options.Hidden)
        {
            layers.Add(nn.Linear(width, hidden));
            if (options.BatchNorm)
                layers.Add(nn.BatchNorm1d(hidden));
            layers.Add(options.Activation.Create());
            if (options.Dropout > 0)
                layers.Add(nn.Dropout(options.Dropout));
            width = hidden;
        }

        layers.Add(nn.Linear(width, shape.Targets));
        return nn.Sequential(layers);
    }
}
