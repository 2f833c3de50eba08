using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;

namespace GlifMl.Torch;

/// <summary>What every trainer that runs through the TorchSharp training loop can be told.</summary>
public abstract record TrainerOptions : ISeededOptions
{
    /// <summary>Traces a step. Default 32; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Batch { get; init; } = 32;

    /// <summary>Passes over the training traces. Default 20; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 20;

    /// <summary>Adam's step size, reached after the warm-up. Default 0.01; above 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>How the learning rate moves after the warm-up. Default constant.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>Steps over which the learning rate grows linearly from 0. Default 0 (none).</summary>
    [Range(0, int.MaxValue)]
    public int WarmUpSteps { get; init; }

    /// <summary>Largest global L2 norm of the gradient; larger ones are scaled down. Default 0 (no clipping).</summary>
    [Range(0, double.MaxValue)]
    public double ClipNorm { get; init; }

    /// <summary>
    /// Ends training after this many epochs without a better validation loss. Default 0 (never); ignored without validation traces.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int EarlyStopping { get; init; }

    /// <summary>Keeps the weights of the epoch with the lowest validation loss rather than the last ones. Default true; ignored without validation traces.</summary>
    public bool RestoreBest { get; init; } = true;

    /// <summary>Seeds the weights, the order of the traces and the dropout. Default: the definition's seed, or 1.</summary>
    public int? Seed { get; init; }

    /// <summary>Threads used for training. Default 0: one a core.</summary>
    [Range(0, int.MaxValue)]
    public int Threads { get; init; }

    /// <summary>
    /// Traces are kept decoded in memory up to this many MiB, and are read again from the data view each epoch beyond it. Default 1536.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int CacheMebibytes { get; init; } = 1536;

    /// <inheritdoc/>
    ISeededOptions ISeededOptions.WithSeed(int seed) => this with { Seed = Seed ?? seed };

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and what was expected.</exception>
    public void Validate()
    {
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), faults, validateAllProperties: true))
            throw new ArgumentException($"{GetType().Name}.{faults[0].MemberNames.FirstOrDefault()}: {faults[0].ErrorMessage}");
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    internal double RateAt(long step, long totalSteps)
    {
        if (step < WarmUpSteps)
            return LearningRate * (step + 1) / WarmUpSteps;
        if (Schedule == LearningRateSchedule.Constant)
            return LearningRate;
        var progress = (double)(step - WarmUpSteps) / Math.Max(1, totalSteps - WarmUpSteps);
        return LearningRate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
