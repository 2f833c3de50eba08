namespace GlifMl.Torch;

/// <summary>Where a training run stands.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">Epochs asked for.</param>
/// <param name="Step">Steps done in this epoch.</param>
/// <param name="StepsPerEpoch">Steps of one epoch.</param>
/// <param name="Loss">Mean training loss of this epoch so far, in scaled label units squared.</param>
/// <param name="Finished">The epoch just ended, with its validation loss; null within an epoch.</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, long Step, long StepsPerEpoch, double Loss, EpochRecord? Finished);
