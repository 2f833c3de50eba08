namespace GlifMl.Pipelines;

/// <summary>One trained model of a comparison.</summary>
/// <param name="Seed">The definition's seed.</param>
/// <param name="Directory">The model's folder.</param>
/// <param name="Reused">Whether it was there already, of the same definition.</param>
/// <param name="Metrics">Its figures.</param>
/// <param name="HeldOut">Its figures, or those of the same definition trained without the held-out cells, on the test rows in these cells; null where none are.</param>
/// <param name="ScoreMicroseconds">Wall time of scoring a trace in batches, microseconds.</param>
public sealed record ComparedModel(
    int Seed,
    string Directory,
    bool Reused,
    PipelineMetrics Metrics,
    SplitMetrics? HeldOut,
    double ScoreMicroseconds
);
