namespace GlifMl.Simulation;

/// <summary>How the batch simulator runs. No option changes a bit of its results.</summary>
public sealed record BatchOptions
{
    /// <summary>The kernel. Default null: <see cref="LaneKernels.Selected"/>.</summary>
    public LaneKernelKind? Kernel { get; init; }

    /// <summary>How many cores at most. Default: all.</summary>
    public int MaxDegreeOfParallelism { get; init; } = Environment.ProcessorCount;
}
