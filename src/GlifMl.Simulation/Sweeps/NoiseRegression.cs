namespace GlifMl.Simulation;

/// <summary>
/// Resistance and capacitance by linear regression of what the voltage does on voltage and current, as the published GLIF models have them
/// from noise below threshold (Teeter et al. 2018, Methods): C dV/dt = I - (V - E) / R.
/// </summary>
/// <remarks>
/// Differences of means over neighbouring stretches equal, without approximation, what the membrane's currents charge under the triangle
/// over both: so noise of single samples averages out on both sides.
/// </remarks>
/// <param name="ResistanceMegaohms">R, MΩ.</param>
/// <param name="CapacitancePicofarads">C, pF.</param>
/// <param name="Stretches">How many differences were used.</param>
internal readonly record struct NoiseRegression(double ResistanceMegaohms, double CapacitancePicofarads, int Stretches)
{
    private const double StretchSeconds = 2e-3;
    private const int FewestStretches = 40;

    // Before its threshold a spike has begun; what follows it is not the membrane's own.
    private const double BeforeSpikeSeconds = 2e-3;
    private const double AfterSpikeSeconds = 60e-3;

    public static NoiseRegression None { get; } = new(double.NaN, double.NaN, 0);

    /// <summary>Regresses a stretch of a sweep.</summary>
    /// <param name="voltageMv">Membrane potential, mV.</param>
    /// <param name="currentPa">Current, pA, as long.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="spikes">Samples at which spikes begin, in order.</param>
    public static NoiseRegression Of(
        ReadOnlySpan<float> voltageMv,
        ReadOnlySpan<float> currentPa,
        double dtSeconds,
        ReadOnlySpan<int> spikes
    )
    {
        var length = Math.Max(1, (int)Math.Round(StretchSeconds / dtSeconds));
        var (before, after) = ((int)(BeforeSpikeSeconds / dtSeconds), (int)(AfterSpikeSeconds / dtSeconds));
        var (sums, right, count, spike) = (new double[3, 3], new double[3], 0, 0);
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
            Span<double> x = [current, voltage, 1];
            for (var i = 0; i < 3; i++)
            {
                right[i] += x[i] * rise;
                for (var j = 0; j < 3; j++)
                    sums[i, j] += x[i] * x[j];
            }
            count++;
        }
        if (count < FewestStretches)
            return None;
        for (var i = 0; i < 3; i++)
            sums[i, i] *= 1 + 1e-12;
        var slopes = new double[3];
        SmallMatrix.Solve(sums, right, slopes);
        // rise = I / C - V / (R C) + ...
        return slopes[0] > 0 && slopes[1] < 0 ? new(-slopes[0] / slopes[1] * 1e3, 1 / slopes[0], count) : None with { Stretches = count };
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
