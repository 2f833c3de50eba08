namespace GlifMl.Simulation;

/// <summary>What counts as a spike in a recording. The defaults are those of the Allen Cell Types Database (its Electrophysiology white paper).</summary>
public sealed record SpikeDetectorOptions
{
    /// <summary>The slope that starts a candidate, V/s. Default 20.</summary>
    public double SlopeCutoffVoltsPerSecond { get; init; } = PutativeSpikes.RecordingCutoffVoltsPerSecond;

    /// <summary>The least peak, mV, absolute. Default -30.</summary>
    public double MinimumPeakMv { get; init; } = -30;

    /// <summary>The least rise from the candidate to its peak, mV. Default 2.</summary>
    public double MinimumHeightMv { get; init; } = 2;

    /// <summary>The longest time from threshold to peak, s. Default 5 ms.</summary>
    public double MaximumRiseSeconds { get; init; } = 0.005;

    /// <summary>The threshold is where the slope passes this share of the mean upstroke. Default 0.05.</summary>
    public double ThresholdShareOfUpstroke { get; init; } = 0.05;
}
