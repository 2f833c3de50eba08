namespace GlifMl.Simulation;

/// <summary>A spike of a sweep.</summary>
/// <param name="Start">The last sample before its slope passes 20 V/s; of a simulated GLIF the last before its cut.</param>
/// <param name="Peak">The sample of its peak; of a simulated GLIF the first after its cut.</param>
/// <param name="ThresholdMv">Membrane potential at the start, mV.</param>
/// <param name="PeakMv">Membrane potential at the peak, mV; NaN of a simulated GLIF.</param>
internal readonly record struct SweepSpike(int Start, int Peak, double ThresholdMv, double PeakMv)
{
    /// <summary>The spikes of a sweep.</summary>
    /// <param name="voltage">Membrane potential, mV.</param>
    /// <param name="dt">The sampling interval, s.</param>
    /// <param name="isAbsolute">Whether there are spikes in it; else cuts.</param>
    public static List<SweepSpike> Of(ReadOnlySpan<float> voltage, double dt, bool isAbsolute) =>
        isAbsolute ? Detected(voltage, dt) : Cuts(voltage);

    /// <summary>
    /// The last samples before stretches without voltage, which a simulated GLIF's spikes are: next to its threshold.
    /// </summary>
    public static List<int> CutStarts(ReadOnlySpan<float> voltage)
    {
        var starts = new List<int>();
        for (var i = 1; i < voltage.Length; i++)
        {
            if (float.IsNaN(voltage[i]) && !float.IsNaN(voltage[i - 1]))
                starts.Add(i - 1);
        }
        return starts;
    }

    private static List<SweepSpike> Detected(ReadOnlySpan<float> voltage, double dt)
    {
        var spikes = new List<SweepSpike>();
        foreach (var spike in SpikeDetector.Detect(voltage, dt))
            spikes.Add(new(spike.CutoffIndex, spike.PeakIndex, spike.CutoffMv, spike.PeakMv));
        return spikes;
    }

    private static List<SweepSpike> Cuts(ReadOnlySpan<float> voltage)
    {
        var spikes = new List<SweepSpike>();
        foreach (var start in CutStarts(voltage))
        {
            var end = start + 1;
            while (end < voltage.Length && float.IsNaN(voltage[end]))
                end++;
            spikes.Add(new(start, Math.Min(end, voltage.Length - 1), voltage[start], double.NaN));
        }
        return spikes;
    }
}
