using GlifMl.Torch;

namespace GlifMl;

/// <summary>
/// What of a module's training is one's own. Each part is an interface with a few implementations here. A part's text
/// (<see cref="object.ToString"/>, which a record has by itself) is in the checkpoint, so that another part's is refused.
/// </summary>
public sealed record TrainingParts
{
    /// <summary>What training makes small. Default null: the mean squared error, or with a posterior its likelihood.</summary>
    public ITrainingLoss? Loss { get; init; }

    /// <summary>How a gradient moves the weights. Default: <see cref="AdamOptimiser"/>.</summary>
    public IOptimiser Optimiser { get; init; } = new AdamOptimiser();

    /// <summary>How the learning rate moves after the warm-up. Default null: as the options say.</summary>
    public IRateSchedule? Schedule { get; init; }

    /// <summary>What is measured on the validation rows after each epoch, beside the loss. Default: nothing.</summary>
    public IReadOnlyList<ITrainingMetric> Metrics { get; init; } = [];

    /// <summary>Told of each epoch, on the training thread. Default: nobody.</summary>
    public IReadOnlyList<ITrainingCallback> Callbacks { get; init; } = [];

    /// <summary>The parts that change what is learnt, as a checkpoint names them.</summary>
    internal string Identity => $"{Loss} {Optimiser} {Schedule}";

    /// <summary>Whether every callback wants training to go on.</summary>
    internal bool Continues(EpochRecord epoch)
    {
        var goesOn = true;
        // Each is told, whatever the one before says.
        foreach (var callback in Callbacks)
            goesOn &= callback.Continues(epoch);
        return goesOn;
    }

    /// <summary>The loss that training is given.</summary>
    /// <param name="usual">What it is without parts.</param>
    /// <param name="posterior">Whether that is a posterior's likelihood.</param>
    /// <exception cref="ArgumentException">A loss or a metric reads one answer, where the module gives a posterior.</exception>
    internal TrainingLoss LossOf(TrainingLoss usual, bool posterior)
    {
        if (posterior && (Loss is not null || Metrics.Count > 0))
            throw new ArgumentException("parts: found a loss or a metric with a posterior, whose numbers it cannot read; expected none");
        var loss = Loss is null ? usual : new OwnLoss(Loss);
        return Metrics.Count > 0 ? new MeasuredLoss(loss, Metrics) : loss;
    }
}
