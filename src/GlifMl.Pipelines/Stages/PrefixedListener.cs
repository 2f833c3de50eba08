namespace GlifMl.Pipelines;

/// <summary>Says which of several runs a stage belongs to.</summary>
/// <param name="listener">Who is told.</param>
/// <param name="run">The run's name, which stands before each stage's.</param>
internal sealed class PrefixedListener(IPipelineListener listener, string run) : IPipelineListener
{
    /// <inheritdoc/>
    public void StageStarted(string name) => listener.StageStarted($"{run}: {name}");

    /// <inheritdoc/>
    public void StageProgressed(double fraction, string detail) => listener.StageProgressed(fraction, detail);

    /// <inheritdoc/>
    public void StageEnded(string summary) => listener.StageEnded(summary);
}
