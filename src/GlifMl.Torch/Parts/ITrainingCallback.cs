using GlifMl.Torch;

namespace GlifMl;

/// <summary>Told of each epoch once its checkpoint is written, on the training thread. It must not start work on another one.</summary>
public interface ITrainingCallback
{
    /// <summary>Takes an epoch to its knowledge. A run that is resumed tells the epochs before, too.</summary>
    /// <param name="epoch">What it did.</param>
    /// <returns>Whether training goes on.</returns>
    bool Continues(EpochRecord epoch);
}

/// <summary>Ends training once the validation loss, or without validation rows the training loss, is low enough.</summary>
/// <param name="loss">The loss that is low enough.</param>
public sealed class StopBelow(double loss) : ITrainingCallback
{
    /// <inheritdoc/>
    public bool Continues(EpochRecord epoch) => !((epoch.ValidationLoss ?? epoch.TrainLoss) < loss);
}

/// <summary>Writes a line an epoch.</summary>
/// <param name="writer">Where the lines go.</param>
public sealed class EpochLines(TextWriter writer) : ITrainingCallback
{
    /// <inheritdoc/>
    public bool Continues(EpochRecord epoch)
    {
        var validation = epoch.ValidationLoss is { } loss ? Invariant.Text($", validation {loss:G5}") : "";
        var metrics = string.Concat(
            (epoch.Metrics ?? new Dictionary<string, double>()).Select(m => Invariant.Text($", {m.Key} {m.Value:G5}"))
        );
        writer.WriteLine(Invariant.Text($"epoch {epoch.Epoch}: loss {epoch.TrainLoss:G5}") + validation + metrics);
        return true;
    }
}
