namespace GlifMl.Simulation;

/// <summary>A spike found in a recorded membrane potential.</summary>
/// <param name="ThresholdIndex">The sample at which it starts.</param>
/// <param name="PeakIndex">The sample of its peak.</param>
/// <param name="ThresholdSeconds">Time of the start since the first sample, s.</param>
/// <param name="PeakSeconds">Time of the peak, s.</param>
/// <param name="ThresholdMv">Membrane potential at the start, mV.</param>
/// <param name="PeakMv">Membrane potential at the peak, mV.</param>
/// <param name="UpstrokeVoltsPerSecond">The steepest slope between the two, V/s.</param>
public sealed record DetectedSpike(
    int ThresholdIndex,
    int PeakIndex,
    double ThresholdSeconds,
    double PeakSeconds,
    double ThresholdMv,
    double PeakMv,
    double UpstrokeVoltsPerSecond
);
