namespace GlifMl.Simulation;

/// <summary>What a trace of a batch did besides its voltage.</summary>
/// <param name="SpikeSteps">The steps in which the voltage crossed the threshold.</param>
/// <param name="BadReset">Whether a reset left the voltage above threshold, which ends the trace: NaN from there.</param>
public sealed record SpikeRecord(int[] SpikeSteps, bool BadReset);
