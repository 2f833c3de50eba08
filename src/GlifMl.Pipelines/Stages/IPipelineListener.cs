namespace GlifMl;

/// <summary>Receives progress of a run. Calls come one at a time; during training they come on the training thread.</summary>
public interface IPipelineListener
{
    /// <summary>A stage begins.</summary>
    /// <param name="name">Such as <c>generate train</c> or <c>train</c>.</param>
    void StageStarted(string name);

    /// <summary>How far the stage is.</summary>
    /// <param name="fraction">0 to 1.</param>
    /// <param name="detail">What there is to say, on one line: traces, loss.</param>
    void StageProgressed(double fraction, string detail);

    /// <summary>The stage is done.</summary>
    /// <param name="summary">What it did, on one line.</param>
    void StageEnded(string summary);
}
