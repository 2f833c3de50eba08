using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using static TorchSharp.torch;

namespace GlifMl;

/// <summary>A small convolution network over time: its shape and how it is trained.</summary>
public sealed record CnnOptions : TrainerOptions, IValidatableObject
{
    /// <summary>
    /// Channels that each convolution gives, from the first to the last, each at least 1. Default [16, 32, 32]; at least one.
    /// </summary>
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

/// <summary>How a convolution's output is shortened.</summary>
public enum CnnPooling
{
    /// <summary>The largest value of each window.</summary>
    Max,

    /// <summary>The mean of each window.</summary>
    Average,
}

/// <summary>Convolutions over time, each with activation and pooling, then a linear head over all that is left.</summary>
internal static class CnnNetwork
{
    public static nn.Module<Tensor, Tensor> Create(CnnOptions options, ModuleShape shape)
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        var padding = options.KernelSize / 2;
        var convolution = new TimeWindow(options.KernelSize, options.Stride, padding, padding);
        var pool = new TimeWindow(options.PoolSize, options.PoolSize);
        var (channels, samples) = (shape.Channels, (long)shape.Samples);
        for (var k = 0; k < options.Channels.Count; k++)
        {
            var convolved = convolution.OutputLength(samples);
            if (convolved < options.PoolSize)
            {
                throw new ArgumentException(
                    $"cnn: found {convolved} of {shape.Samples} samples left after convolution {k + 1} of {options.Channels.Count}; "
                        + $"expected at least pool_size: {options.PoolSize}"
                );
            }

            layers.Add(nn.Conv1d(channels, options.Channels[k], options.KernelSize, options.Stride, padding));
            if (options.BatchNorm)
                layers.Add(nn.BatchNorm1d(options.Channels[k]));
            layers.Add(options.Activation.Create());
            if (options.PoolSize > 1)
                layers.Add(options.Pooling == CnnPooling.Max ? nn.MaxPool1d(options.PoolSize) : nn.AvgPool1d(options.PoolSize));
            (channels, samples) = (options.Channels[k], pool.OutputLength(convolved));
        }

        layers.Add(nn.Flatten());
        if (options.Dropout > 0)
            layers.Add(nn.Dropout(options.Dropout));
        layers.Add(nn.Linear(channels * samples, shape.Targets));
        return nn.Sequential(layers);
    }
}
