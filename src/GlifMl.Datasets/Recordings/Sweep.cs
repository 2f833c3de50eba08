namespace GlifMl.Datasets;

/// <summary>One sweep of a recorded neuron, evenly sampled.</summary>
/// <param name="Source">Where it comes from, such as a path.</param>
/// <param name="SamplingIntervalSeconds">Time between samples, s.</param>
/// <param name="VoltageMv">Membrane potential, mV, as recorded (absolute, not relative to rest); NaN where a sample is missing.</param>
/// <param name="CurrentPa">Injected current, pA, as long as the voltage, NaN where a sample is missing; null when it was not recorded.</param>
public sealed record Sweep(string Source, double SamplingIntervalSeconds, float[] VoltageMv, float[]? CurrentPa);
