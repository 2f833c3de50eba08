namespace GlifMl.Simulation;

/// <summary>What a GLIF neuron did under a stimulus of N samples and K afterspike currents.</summary>
public sealed record GlifTrace
{
    /// <summary>The integration step in s.</summary>
    public required double DtSeconds { get; init; }

    /// <summary>[N] membrane potential in V after each step, NaN in spike cuts.</summary>
    public required double[] VoltageVolts { get; init; }

    /// <summary>[N] threshold in V after each step, NaN in spike cuts.</summary>
    public required double[] ThresholdVolts { get; init; }

    /// <summary>[K][N] afterspike currents in A after each step, NaN in spike cuts.</summary>
    public required double[][] AfterspikeCurrentsAmperes { get; init; }

    /// <summary>The steps in which the voltage crossed the threshold.</summary>
    public required int[] SpikeSteps { get; init; }

    /// <summary>Spike times in s on the grid: step x dt.</summary>
    public required double[] GridSpikeTimesSeconds { get; init; }

    /// <summary>
    /// Spike times in s with the crossing of voltage and threshold interpolated linearly: step x dt + the crossing's offset in the
    /// step, as the Allen Institute's simulator counts them (so up to one dt late).
    /// </summary>
    public required double[] InterpolatedSpikeTimesSeconds { get; init; }

    /// <summary>Whether a reset left the voltage above threshold, which ends the trace: NaN from there.</summary>
    public required bool BadReset { get; init; }
}
