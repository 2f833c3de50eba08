namespace GlifMl;

/// <summary>One sweep of a current-clamp recording, evenly sampled.</summary>
/// <param name="SamplingIntervalSeconds">Time between samples, in s.</param>
/// <param name="VoltageMv">Membrane potential in mV; NaN where a sample is missing.</param>
/// <param name="CurrentPa">Injected current in pA, as many samples; <see langword="null"/> where it is not known.</param>
/// <param name="IsAbsolute">
/// Whether voltages are measured from the bath, as recordings are; otherwise from rest, as GLIF traces are.
/// </param>
public sealed record Recording(double SamplingIntervalSeconds, float[] VoltageMv, float[]? CurrentPa = null, bool IsAbsolute = true);
