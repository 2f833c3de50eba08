namespace GlifMl.Simulation;

/// <summary>
/// The first step of spike detection in a recording: upward crossings of a slope. It only finds candidates. In a recording the cutoff is
/// 20 V/s; at lower ones every wobble of the membrane potential is a candidate.
/// </summary>
public static class PutativeSpikes
{
    /// <summary>The slope that a spike of a recording passes, V/s.</summary>
    public const double RecordingCutoffVoltsPerSecond = 20;

    /// <summary>Cutoff of the filter before the slope is taken, Hz.</summary>
    public const double FilterCutoffHz = 10_000;

    /// <summary>
    /// The slope dV/dt between samples, after the Bessel filter where the sampling rate allows it.
    /// </summary>
    /// <param name="voltageMv">[N] membrane potential, mV, all finite.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <returns>[N - 1] the slope in V/s; entry n lies between samples n and n + 1.</returns>
    public static double[] Slope(ReadOnlySpan<double> voltageMv, double dtSeconds)
    {
        const double VoltsPerMillivolt = 1e-3;
        var smooth = BesselFilter.CanFilter(FilterCutoffHz, dtSeconds)
            ? BesselFilter.Filter(voltageMv, FilterCutoffHz, dtSeconds)
            : voltageMv.ToArray();
        var slope = new double[Math.Max(0, smooth.Length - 1)];
        for (var n = 0; n < slope.Length; n++)
            slope[n] = VoltsPerMillivolt * (smooth[n + 1] - smooth[n]) / dtSeconds;
        return slope;
    }

    /// <summary>
    /// Where the slope rises through the cutoff. A crossing counts only if the slope has been negative since the one before it.
    /// </summary>
    /// <param name="slope">The slope, V/s.</param>
    /// <param name="cutoffVoltsPerSecond">The cutoff, V/s. Default 20.</param>
    /// <returns>The last sample below the cutoff, of each candidate.</returns>
    public static IReadOnlyList<int> Find(ReadOnlySpan<double> slope, double cutoffVoltsPerSecond = RecordingCutoffVoltsPerSecond)
    {
        var candidates = new List<int>();
        var hasFallen = true;
        for (var n = 0; n + 1 < slope.Length; n++)
        {
            hasFallen |= slope[n] < 0;
            if (slope[n] >= cutoffVoltsPerSecond || slope[n + 1] < cutoffVoltsPerSecond || !hasFallen)
                continue;
            candidates.Add(n);
            hasFallen = false;
        }
        return candidates;
    }
}
