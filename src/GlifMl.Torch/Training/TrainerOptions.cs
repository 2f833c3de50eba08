using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;

namespace GlifMl;

/// <summary>What every trainer that runs through the TorchSharp training loop can be told.</summary>
public abstract record TrainerOptions : ISeededOptions, IPosteriorTrainer
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

    /// <summary>
    /// Keeps the weights of the epoch with the lowest validation loss rather than the last ones. Default true; ignored without validation
    /// traces.
    /// </summary>
    public bool RestoreBest { get; init; } = true;

    /// <summary>Seeds the weights, the order of the traces and the dropout. Default: the definition's seed, or 1.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Threads used for training. Default 0: one a core; but one alone where libtorch computes LSTM or GRU layers of less than 64 units.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int Threads { get; init; }

    /// <summary>
    /// Traces are kept decoded in memory up to this many MiB, and are read again from the data view each epoch beyond it. Default 1536.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int CacheMebibytes { get; init; } = 1536;

    /// <summary>
    /// Learns a posterior by maximum likelihood instead of one answer by least squares. Default none. Losses are then the mean negative log
    /// likelihood of a trace, in nats, of labels in training standard deviations.
    /// </summary>
    public PosteriorOptions? Posterior { get; init; }

    /// <summary>The options as a checkpoint names them: what was added since is left out where it changes nothing.</summary>
    internal string Identity => ToString().Replace(", Posterior = ,", ",", StringComparison.Ordinal);

    /// <inheritdoc/>
    bool IPosteriorTrainer.LearnsPosterior => true;

    /// <inheritdoc/>
    ISeededOptions ISeededOptions.WithSeed(int seed) => this with { Seed = Seed ?? seed };

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and what was expected.</exception>
    public void Validate()
    {
        foreach (var options in new object?[] { this, Posterior })
        {
            var faults = new List<ValidationResult>();
            if (
                options is not null
                && !Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true)
            )
                throw new ArgumentException($"{options.GetType().Name}.{faults[0].MemberNames.FirstOrDefault()}: {faults[0].ErrorMessage}");
        }
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="schedule">How it moves in the place of <see cref="Schedule"/>; null: as that says.</param>
    internal double RateAt(long step, long totalSteps, IRateSchedule? schedule = null)
    {
        if (step < WarmUpSteps)
            return LearningRate * (step + 1) / WarmUpSteps;
        if (schedule is null && Schedule == LearningRateSchedule.Constant)
            return LearningRate;
        var progress = (double)(step - WarmUpSteps) / Math.Max(1, totalSteps - WarmUpSteps);
        if (schedule is not null)
            return LearningRate * schedule.At(progress);
        return LearningRate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}

/// <summary>
/// The shape of a recurrent regressor, whatever its cells: stacked layers over a trace, then a linear head. And how it is trained.
/// </summary>
public abstract record RecurrentOptions : TrainerOptions
{
    /// <summary>Hidden units a direction. Default 32; 1 to 1024.</summary>
    [Range(1, 1024)]
    public int Hidden { get; init; } = 32;

    /// <summary>Stacked layers. Default 1; 1 to 8.</summary>
    [Range(1, 8)]
    public int Layers { get; init; } = 1;

    /// <summary>Reads the trace in both directions. Default true.</summary>
    public bool Bidirectional { get; init; } = true;

    /// <summary>What the head reads. Default the final states.</summary>
    public ReadOut ReadOut { get; init; } = ReadOut.Final;

    /// <summary>Layer normalisation (Ba et al. 2016, arXiv:1607.06450) of what the head reads. Default false.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Probability of dropping a value between stacked layers and before the head, in training. Default 0; below 1.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Dropout { get; init; }

    /// <summary>Directions: 2 when bidirectional.</summary>
    internal int Directions => Bidirectional ? 2 : 1;

    /// <summary>Values the head reads: the states of each direction, twice where it reads both the final ones and their mean.</summary>
    internal int ReadSize => Hidden * Directions * (ReadOut == ReadOut.Both ? 2 : 1);
}

/// <summary>What of the last LSTM layer the linear head reads.</summary>
public enum ReadOut
{
    /// <summary>Each direction's hidden state after its last sample, as in the published study.</summary>
    Final,

    /// <summary>Each direction's hidden states averaged over the samples.</summary>
    Mean,

    /// <summary>Both of them.</summary>
    Both,
}

/// <summary>How the learning rate moves over a training run, after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>The same rate throughout, as in the published study.</summary>
    Constant,

    /// <summary>Half a cosine from the full rate to zero (Loshchilov &amp; Hutter 2017, arXiv:1608.03983, without restarts).</summary>
    Cosine,
}

/// <summary>Rules for option values that an attribute cannot say.</summary>
internal static class OptionRules
{
    /// <summary>Refuses a list of sizes with one below 1.</summary>
    public static IEnumerable<ValidationResult> AllAtLeastOne(IReadOnlyList<int> sizes, string name)
    {
        if (sizes.Any(size => size < 1))
            yield return new ValidationResult("expected whole numbers of at least 1", [name]);
    }
}
