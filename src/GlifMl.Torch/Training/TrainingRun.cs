namespace GlifMl.Torch;

/// <summary>Where a training run keeps its files, and whom it tells; none of it changes the result.</summary>
public sealed record TrainingRun
{
    /// <summary>Folder of <c>checkpoint/</c>, <c>training.jsonl</c> and <c>tensorboard/</c>; null: nothing is written.</summary>
    public string? Directory { get; init; }

    /// <summary>Continues from the folder's checkpoint, to the bit, if there is one. Default false: a checkpoint there is overwritten.</summary>
    public bool Resume { get; init; }

    /// <summary>Names the training data; a checkpoint made from other data is refused.</summary>
    public string DataFingerprint { get; init; } = "";

    /// <summary>
    /// Called on the training thread after every step and epoch. It must not start work on another thread:
    /// no other thread may allocate while libtorch runs.
    /// </summary>
    public Action<TrainingProgress>? OnProgress { get; init; }

    /// <summary>Stops the run after the current step; the last epoch's checkpoint stays.</summary>
    public CancellationToken Cancellation { get; init; }
}
