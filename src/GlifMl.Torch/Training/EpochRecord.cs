namespace GlifMl.Torch;

/// <summary>What one epoch did: one line of <c>training.jsonl</c>.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Mean squared error over the epoch's training traces, as the weights moved; scaled label units squared.</param>
/// <param name="ValidationLoss">Mean squared error over the validation traces after the epoch; null without any.</param>
/// <param name="LearningRate">The learning rate of the epoch's last step.</param>
/// <param name="Seconds">Wall time of the epoch, validation included.</param>
/// <param name="WaitSeconds">Part of <paramref name="Seconds"/> in which training waited for traces to be read.</param>
public sealed record EpochRecord(
    int Epoch,
    double TrainLoss,
    double? ValidationLoss,
    double LearningRate,
    double Seconds,
    double WaitSeconds
);
