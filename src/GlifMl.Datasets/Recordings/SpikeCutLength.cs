namespace GlifMl.Datasets;

/// <summary>
/// How long a GLIF of a cell is refractory, from the cell's own spikes (Teeter et al. 2018, Methods): for each length the voltages that
/// long after the spikes are regressed on those at their starts, and the shortest length is taken that leaves about the least.
/// </summary>
internal static class SpikeCutLength
{
    // The lengths that were tried for the published models.
    public const double ShortestSeconds = 1e-3;
    public const double LongestSeconds = 10e-3;

    private const double StepSeconds = 0.25e-3;

    // The residual has a long flat valley: with this tolerance two cells whose published lengths are 8.45 and 5.25 ms have 8.0 and 5.5.
    private const double Tolerance = 1.03;

    // A line through fewer points leaves nothing.
    private const int FewestSpikes = 5;

    // A downstroke is steeper than this, what follows it is not, mV a ms.
    private const double DownstrokeSlope = 1;

    /// <summary>The length in s; null without spikes.</summary>
    public static double? Of(IReadOnlyList<RecordedSpike> spikes, Sweep sweep)
    {
        if (spikes.Count == 0)
            return null;
        var (dt, voltage) = (sweep.SamplingIntervalSeconds, sweep.VoltageMv);
        var residuals = new List<(double Seconds, double Left)>();
        for (var seconds = ShortestSeconds; seconds <= LongestSeconds + (StepSeconds / 2); seconds += StepSeconds)
        {
            var samples = Math.Max(1, (int)Math.Round(seconds / dt));
            // Not those that the next one follows within that time.
            (double X, double Y)[] points =
            [
                .. spikes
                    .Where((spike, k) => (k + 1 < spikes.Count ? spikes[k + 1].Sample : voltage.Length) > spike.Sample + samples)
                    .Select(spike => ((double)voltage[spike.Sample], (double)voltage[spike.Sample + samples]))
                    .Where(point => double.IsFinite(point.Item1) && double.IsFinite(point.Item2)),
            ];
            if (points.Length >= FewestSpikes)
                residuals.Add((seconds, Residual(points)));
        }
        if (residuals.Count == 0)
            return Downstroke(spikes, voltage, dt);
        var least = residuals.Min(r => r.Left);
        return residuals.First(r => r.Left <= Tolerance * least).Seconds;
    }

    // Standard deviation about the line of least squares.
    private static double Residual((double X, double Y)[] points)
    {
        var (x, y) = (points.Average(p => p.X), points.Average(p => p.Y));
        var xx = points.Sum(p => (p.X - x) * (p.X - x));
        var slope = xx > 0 ? points.Sum(p => (p.X - x) * (p.Y - y)) / xx : 0;
        return Math.Sqrt(points.Average(p => Math.Pow(p.Y - y - (slope * (p.X - x)), 2)));
    }

    // Of few spikes: when the fall after the peak is over, the median over them.
    private static double Downstroke(IReadOnlyList<RecordedSpike> spikes, float[] voltage, double dt)
    {
        var millisecond = Math.Max(1, (int)Math.Round(1e-3 / dt));
        double[] lengths =
        [
            .. spikes
                .Select(spike =>
                {
                    var last = Math.Min(voltage.Length - 1 - millisecond, spike.Sample + (int)(LongestSeconds / dt));
                    var at = spike.Sample + (int)Math.Round((spike.PeakSeconds - spike.Seconds) / dt);
                    while (at < last && voltage[at] - voltage[at + millisecond] > DownstrokeSlope)
                        at++;
                    return (at - spike.Sample) * dt;
                })
                .Order(),
        ];
        return Math.Clamp(lengths[lengths.Length / 2], ShortestSeconds, LongestSeconds);
    }
}
