namespace GlifMl.Simulation;

/// <summary>
/// Resistance and capacitance by linear regression of what the voltage does on voltage and current, as the published GLIF models have them
/// from noise below threshold (Teeter et al. 2018, Methods): C dV/dt = I - (V - E) / R, where E is the rest of the recording. So R is
/// that of the chord from rest to where the noise holds the cell; with E free it would be the slope's, twice as large where the leak falls.
/// </summary>
/// <remarks>
/// Differences of means over neighbouring stretches equal, without approximation, what the membrane's currents charge under the triangle
/// over both: so noise of single samples averages out on both sides.
/// </remarks>
/// <param name="ResistanceMegaohms">R, MΩ.</param>
/// <param name="CapacitancePicofarads">C, pF.</param>
/// <param name="Stretches">How many differences were used.</param>
/// <param name="IsBelowThreshold">Whether no spike came before or among them.</param>
internal readonly record struct NoiseRegression(
    double ResistanceMegaohms,
    double CapacitancePicofarads,
    int Stretches,
    bool IsBelowThreshold = true
)
{
    private const double StretchSeconds = 2e-3;
    private const int FewestStretches = 40;

    // Before its threshold a spike has begun; what follows it is not the membrane's own.
    private const double BeforeSpikeSeconds = 2e-3;
    private const double AfterSpikeSeconds = 60e-3;

    // Long enough for noise to be nothing; the median time constant of mouse cells.
    private const double RampSeconds = 50e-3;
    private const double UsualLagSeconds = 17e-3;

    public static NoiseRegression None { get; } = new(double.NaN, double.NaN, 0);

    /// <summary>Regresses a stretch of a sweep.</summary>
    /// <param name="voltageMv">Membrane potential, mV.</param>
    /// <param name="currentPa">Current, pA, as long.</param>
    /// <param name="rest">Potential, mV, and current, pA, before the stimulus.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="spikes">Samples at which spikes begin, in order.</param>
    public static NoiseRegression Of(
        ReadOnlySpan<float> voltageMv,
        ReadOnlySpan<float> currentPa,
        (double Mv, double Pa) rest,
        double dtSeconds,
        ReadOnlySpan<int> spikes
    )
    {
        var length = Math.Max(1, (int)Math.Round(StretchSeconds / dtSeconds));
        var (before, after) = ((int)(BeforeSpikeSeconds / dtSeconds), (int)(AfterSpikeSeconds / dtSeconds));
        var (sums, right, count, spike) = (new double[2, 2], new double[2], 0, 0);
        for (var first = 0; first + (2 * length) <= voltageMv.Length; first += length)
        {
            var end = first + (2 * length);
            while (spike < spikes.Length && spikes[spike] + after < first)
                spike++;
            if (spike < spikes.Length && spikes[spike] - before < end)
                continue;
            if (!Triangle(voltageMv, currentPa, first, length, out var difference, out var voltage, out var current))
                continue;
            // mV a ms: the rise over the stretch's length.
            var rise = difference / (length * dtSeconds * 1e3);
            Span<double> x = [current - rest.Pa, voltage - rest.Mv];
            for (var i = 0; i < 2; i++)
            {
                right[i] += x[i] * rise;
                for (var j = 0; j < 2; j++)
                    sums[i, j] += x[i] * x[j];
            }
            count++;
        }
        if (count < FewestStretches)
            return None;
        for (var i = 0; i < 2; i++)
            sums[i, i] *= 1 + 1e-12;
        var slopes = new double[2];
        SmallMatrix.Solve(sums, right, slopes);
        // rise = I / C - V / (R C).
        return slopes[0] > 0 && slopes[1] < 0
            ? new(-slopes[0] / slopes[1] * 1e3, 1 / slopes[0], count, spikes.IsEmpty)
            : None with
            {
                Stretches = count,
            };
    }

    /// <summary>
    /// The chord's resistance late on a ramp, where voltage and current grow together and no regression tells them apart. There is no C.
    /// </summary>
    /// <param name="voltageMv">Membrane potential, mV, up to the first spike or the ramp's end.</param>
    /// <param name="currentPa">Current, pA, as long.</param>
    /// <param name="rest">Potential, mV, and current, pA, before the ramp.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    public static NoiseRegression OfRamp(
        ReadOnlySpan<float> voltageMv,
        ReadOnlySpan<float> currentPa,
        (double Mv, double Pa) rest,
        double dtSeconds
    )
    {
        // A spike begins before it is one.
        var end = voltageMv.Length - (int)(2 * BeforeSpikeSeconds / dtSeconds);
        var first = end - (int)(RampSeconds / dtSeconds);
        if (first < 1)
            return None;
        var (voltage, current) = (SweepStatistics.Mean(voltageMv[first..end]), SweepStatistics.Mean(currentPa[first..end]));
        // What the voltage shows is the current of a time constant before.
        var slope = (currentPa[end - 1] - currentPa[first]) / ((end - 1 - first) * dtSeconds);
        var chord = 1e3 * (voltage - rest.Mv) / (current - rest.Pa - (slope * UsualLagSeconds));
        return chord > 0 ? new(chord, double.NaN, end - first) : None;
    }

    private static bool Triangle(
        ReadOnlySpan<float> voltage,
        ReadOnlySpan<float> current,
        int first,
        int length,
        out double difference,
        out double meanVoltage,
        out double meanCurrent
    )
    {
        (difference, meanVoltage, meanCurrent) = (0, 0, 0);
        for (var i = 0; i < length; i++)
        {
            var (left, right) = (voltage[first + i], voltage[first + length + i]);
            var (rising, falling) = ((i + 0.5) / length, 1 - ((i + 0.5) / length));
            difference += right - left;
            meanVoltage += (rising * left) + (falling * right);
            meanCurrent += (rising * current[first + i]) + (falling * current[first + length + i]);
        }
        (difference, meanVoltage, meanCurrent) = (difference / length, meanVoltage / length, meanCurrent / length);
        return double.IsFinite(difference + meanVoltage + meanCurrent);
    }
}
