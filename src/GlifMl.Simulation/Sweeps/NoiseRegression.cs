namespace GlifMl.Simulation;

/// <summary>
/// Resistance and capacitance by linear regression of what the voltage does on voltage and current, as the published GLIF models have them
/// from noise below threshold (Teeter et al. 2018, Methods): C dV/dt = I - (V - E) / R, where E is the rest of the recording. So R is
/// that of the chord from rest to where the noise holds the cell; with E free it would be the slope's, twice as large where the leak falls.
/// </summary>
/// <remarks>
/// Differences of means over neighbouring stretches equal, without approximation, what the membrane's currents charge under the triangle
/// over both: so noise of single samples averages out on both sides. Between spikes the currents that they leave behind are regressed
/// beside R and C, as for the published models that have such currents (GLIF3).
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
    // Short, because the published regression takes single samples: over longer ones a dendrite charges with the soma.
    private const double StretchSeconds = 1e-3;
    private const int FewestStretches = 80;

    // Before its threshold a spike has begun; it and its reset are not the membrane's own.
    private const double BeforeSpikeSeconds = 2e-3;
    private const double AfterSpikeSeconds = 20e-3;

    // Currents that a spike leaves behind, of mouse cells: with these two between spikes C is off by half as much on simulated cells that
    // always fire, and any pair from 10 and 200 to 50 and 400 ms does nearly as well.
    private static readonly double[] AfterspikeSeconds = [30e-3, 300e-3];

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
        var step = length * dtSeconds;
        var decays = spikes.IsEmpty ? [] : AfterspikeSeconds;
        var kept = Array.ConvertAll(decays, decay => Math.Exp(-step / decay));
        var (currents, past) = (new double[decays.Length], 0);
        var unknowns = 2 + decays.Length;
        var (sums, right, count, spike) = (new double[unknowns, unknowns], new double[unknowns], 0, 0);
        var x = new double[unknowns];
        for (var first = 0; first + (2 * length) <= voltageMv.Length; first += length)
        {
            var end = first + (2 * length);
            for (var k = 0; k < decays.Length; k++)
                currents[k] *= kept[k];
            for (; past < spikes.Length && spikes[past] < first; past++)
            {
                for (var k = 0; k < decays.Length; k++)
                    currents[k] += Math.Exp(-(first + length - spikes[past]) * dtSeconds / decays[k]);
            }
            while (spike < spikes.Length && spikes[spike] + after < first)
                spike++;
            if (spike < spikes.Length && spikes[spike] - before < end)
                continue;
            if (!Triangle(voltageMv, currentPa, first, length, out var difference, out var voltage, out var current))
                continue;
            // mV a ms: the rise over the stretch's length.
            var rise = difference / (step * 1e3);
            (x[0], x[1]) = (current - rest.Pa, voltage - rest.Mv);
            currents.CopyTo(x, 2);
            for (var i = 0; i < unknowns; i++)
            {
                right[i] += x[i] * rise;
                for (var j = 0; j < unknowns; j++)
                    sums[i, j] += x[i] * x[j];
            }
            count++;
        }
        if (count < FewestStretches)
            return None;
        for (var i = 0; i < unknowns; i++)
            sums[i, i] *= 1 + 1e-12;
        var slopes = new double[unknowns];
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
