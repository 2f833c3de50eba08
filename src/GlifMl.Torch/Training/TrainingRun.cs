using System.Text.Json.Serialization;

namespace GlifMl.Torch;

/// <summary>Where a training run keeps its files, and whom it tells; none of it changes the result.</summary>
public sealed record TrainingRun
{
    /// <summary>Folder of <c>checkpoint/</c>, <c>training.jsonl</c> and <c>tensorboard/</c>; null: nothing is written.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// Continues from the folder's checkpoint, to the bit, if there is one. Default false: a checkpoint there is overwritten.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Names the training data; a checkpoint made from other data is refused.</summary>
    public string DataFingerprint { get; init; } = "";

    /// <summary>
    /// Called on the training thread after every step and epoch. It must not start work on another thread:
    /// no other thread may allocate while libtorch runs.
    /// </summary>
    public Action<TrainingProgress>? OnProgress { get; init; }

    /// <summary>Training rows without end, of which each epoch takes the next; null: every epoch has the rows given.</summary>
    internal EndlessRows? Endless { get; init; }

    /// <summary>The processes that train together, of which only the first one writes files; null: this one is alone.</summary>
    internal TrainingPeers? Peers { get; init; }

    /// <summary>Stops the run after the current step, which a checkpoint is then written of.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>Where a training run stands.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">Epochs asked for.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="StepsPerEpoch">Steps of one epoch.</param>
/// <param name="Loss">
/// Mean training loss of this epoch so far, in scaled label units squared; with a posterior see <see cref="TrainerOptions.Posterior"/>.
/// </param>
/// <param name="Finished">The epoch just ended, with its validation loss; null within an epoch.</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, long Step, long StepsPerEpoch, double Loss, EpochRecord? Finished)
{
    /// <summary>Training traces that the network has been shown so far, those of the epochs before included.</summary>
    public long TracesSeen { get; init; }

    /// <summary>Training traces a second in this epoch so far, the time in which they are made or read included.</summary>
    public double TracesPerSecond { get; init; }
}

/// <summary>What one epoch did: one line of <c>training.jsonl</c>.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Mean squared error over the epoch's training traces, as the weights moved; scaled label units squared.</param>
/// <param name="ValidationLoss">Mean squared error over the validation traces after the epoch; null without any.</param>
/// <param name="LearningRate">The learning rate of the epoch's last step.</param>
/// <param name="Seconds">Wall time of the epoch, validation included.</param>
/// <param name="WaitSeconds">Part of <paramref name="Seconds"/> in which training waited for traces to be read, or made.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainLoss,
    double? ValidationLoss,
    double LearningRate,
    double Seconds,
    double WaitSeconds
)
{
    /// <summary>Training traces that the network had been shown when the epoch ended, each as often as it was shown.</summary>
    public long TracesSeen { get; init; }

    /// <summary>Training traces a second in this epoch, validation apart; the time in which they are made or read included.</summary>
    public double TracesPerSecond { get; init; }

    /// <summary>What <see cref="TrainingParts.Metrics"/> measured on the validation rows, by name. Default null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
}
