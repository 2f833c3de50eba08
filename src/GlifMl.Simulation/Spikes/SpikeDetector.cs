namespace GlifMl.Simulation;

/// <summary>
/// Finds spikes in a recorded membrane potential by the rules of the Allen Cell Types Database: candidates by slope, kept by peak and
/// height, their start put where the slope passes a share of the mean upstroke. For recordings; a GLIF's spikes are its own threshold
/// crossings.
/// </summary>
internal static class SpikeDetector
{
    /// <summary>Finds the spikes of a sweep in which samples may be missing: straight lines stand for them.</summary>
    /// <param name="voltageMv">[N] membrane potential, mV, absolute; NaN where a sample is missing.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <returns>The spikes in order of time.</returns>
    public static IReadOnlyList<DetectedSpike> Detect(ReadOnlySpan<float> voltageMv, double dtSeconds)
    {
        // Most sweeps have no spike, and are long.
        var least = new SpikeDetectorOptions().MinimumPeakMv;
        var highest = float.NegativeInfinity;
        foreach (var voltage in voltageMv)
            highest = voltage > highest ? voltage : highest;
        return highest < least ? [] : Detect(Filled(voltageMv), dtSeconds);
    }

    /// <summary>Finds the spikes of a sweep.</summary>
    /// <param name="voltageMv">[N] membrane potential, mV, absolute, all finite.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="options">What counts as a spike. Default: all defaults.</param>
    /// <returns>The spikes in order of time.</returns>
    /// <exception cref="ArgumentException">A sample is not finite, or the interval is not positive.</exception>
    public static IReadOnlyList<DetectedSpike> Detect(
        ReadOnlySpan<double> voltageMv,
        double dtSeconds,
        SpikeDetectorOptions? options = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dtSeconds);
        for (var n = 0; n < voltageMv.Length; n++)
        {
            if (!double.IsFinite(voltageMv[n]))
                throw new ArgumentException(
                    Invariant.Text($"voltage sample {n}: found {voltageMv[n]}; expected a finite number"),
                    nameof(voltageMv)
                );
        }
        options ??= new SpikeDetectorOptions();
        var slope = PutativeSpikes.Slope(voltageMv, dtSeconds);
        var spikes = Candidates(voltageMv, slope, options);
        if (spikes.Count == 0)
            return [];

        var cutoff = options.ThresholdShareOfUpstroke * spikes.Average(spike => slope[spike.Upstroke]);
        var found = new List<DetectedSpike>();
        var earliest = 0;
        foreach (var (start, peak, upstroke) in spikes)
        {
            var threshold = upstroke;
            while (threshold > earliest && slope[threshold] > cutoff)
                threshold--;
            earliest = peak;
            if ((peak - threshold) * dtSeconds > options.MaximumRiseSeconds)
                continue;
            found.Add(
                new DetectedSpike(
                    threshold,
                    peak,
                    threshold * dtSeconds,
                    peak * dtSeconds,
                    voltageMv[threshold],
                    voltageMv[peak],
                    slope[upstroke]
                )
                {
                    CutoffIndex = start,
                    CutoffMv = voltageMv[start],
                }
            );
        }
        return found;
    }

    /// <summary>A sweep with straight lines where samples are missing, which have no slope of a spike.</summary>
    /// <param name="voltageMv">[N] membrane potential, mV, NaN where a sample is missing.</param>
    private static double[] Filled(ReadOnlySpan<float> voltageMv)
    {
        var filled = new double[voltageMv.Length];
        var last = -1;
        for (var i = 0; i <= filled.Length; i++)
        {
            if (i < filled.Length)
                filled[i] = voltageMv[i];
            if (i < filled.Length && !double.IsFinite(filled[i]))
                continue;
            var (left, right) = (
                last >= 0 ? filled[last]
                : i < filled.Length ? filled[i]
                : 0,
                i < filled.Length ? filled[i]
                : last >= 0 ? filled[last]
                : 0
            );
            for (var k = last + 1; k < i; k++)
                filled[k] = left + ((right - left) * (k - last) / (i - last));
            last = i;
        }
        return filled;
    }

    /// <summary>Peak and steepest sample of each candidate that is high enough.</summary>
    private static List<(int Start, int Peak, int Upstroke)> Candidates(
        ReadOnlySpan<double> voltageMv,
        double[] slope,
        SpikeDetectorOptions options
    )
    {
        var starts = PutativeSpikes.Find(slope, options.SlopeCutoffVoltsPerSecond);
        var kept = new List<(int, int, int)>();
        for (var i = 0; i < starts.Count; i++)
        {
            var (start, end) = (starts[i], i + 1 < starts.Count ? starts[i + 1] : voltageMv.Length);
            var peak = start + ArgMax(voltageMv[start..end]);
            if (voltageMv[peak] < options.MinimumPeakMv || voltageMv[peak] - voltageMv[start] < options.MinimumHeightMv || peak == start)
                continue;
            kept.Add((start, peak, start + ArgMax(slope.AsSpan(start, peak - start))));
        }
        return kept;
    }

    private static int ArgMax(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var n = 1; n < values.Length; n++)
        {
            if (values[n] > values[best])
                best = n;
        }
        return best;
    }
}

/// <summary>
/// What counts as a spike in a recording. The defaults are those of the Allen Cell Types Database (its Electrophysiology white paper).
/// </summary>
internal sealed record SpikeDetectorOptions
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

/// <summary>A spike found in a recorded membrane potential.</summary>
/// <param name="ThresholdIndex">The sample at which it starts.</param>
/// <param name="PeakIndex">The sample of its peak.</param>
/// <param name="ThresholdSeconds">Time of the start since the first sample, s.</param>
/// <param name="PeakSeconds">Time of the peak, s.</param>
/// <param name="ThresholdMv">Membrane potential at the start, mV.</param>
/// <param name="PeakMv">Membrane potential at the peak, mV.</param>
/// <param name="UpstrokeVoltsPerSecond">The steepest slope between the two, V/s.</param>
internal sealed record DetectedSpike(
    int ThresholdIndex,
    int PeakIndex,
    double ThresholdSeconds,
    double PeakSeconds,
    double ThresholdMv,
    double PeakMv,
    double UpstrokeVoltsPerSecond
)
{
    /// <summary>The last sample before its slope passes the cutoff, 20 V/s by default: another definition of the start.</summary>
    public int CutoffIndex { get; init; }

    /// <summary>Membrane potential there, mV.</summary>
    public double CutoffMv { get; init; }
}
