namespace GlifMl.Simulation;

/// <summary>
/// Resistance and capacitance from how the voltage rises after a step of current, up to the first spike: a soma with a dendrite, whose fast
/// relaxation is not the membrane's; a leak that falls on the way to the threshold; a jump, which is the pipette's resistance; and a prior
/// of all these, without which so short a stretch does not tell them apart.
/// </summary>
/// <param name="ResistanceMegaohms">R of the whole cell, MΩ.</param>
/// <param name="CapacitancePicofarads">C of the whole cell, pF.</param>
/// <param name="ResistanceDeviation">Standard deviation of ln R.</param>
/// <param name="CapacitanceDeviation">Standard deviation of ln C.</param>
/// <param name="DendriteShare">Share of the membrane that is dendrite.</param>
/// <param name="LeakFall">How much of the leak is gone at twice the threshold: k of G (1 - k V / 2 th).</param>
/// <param name="BridgeMegaohms">The pipette's resistance that is left in the voltage, MΩ.</param>
/// <param name="ResidualMv">Root mean square of what is left, mV.</param>
/// <param name="Seconds">How long the fitted stretch is, s.</param>
internal readonly record struct OnsetFit(
    double ResistanceMegaohms,
    double CapacitancePicofarads,
    double ResistanceDeviation,
    double CapacitanceDeviation,
    double DendriteShare,
    double LeakFall,
    double BridgeMegaohms,
    double ResidualMv,
    double Seconds
)
{
    private const int Points = 40;
    private const double FirstMs = 0.3;
    private const double LongestMs = 150;
    private const double ShortestMs = 2;

    // What such a model leaves of a real cell's onset, mV.
    private const double MismatchMv = 0.4;

    /// <summary>What a fit is that could not be made.</summary>
    public static OnsetFit None { get; } =
        new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0);

    /// <summary>Fits a stretch.</summary>
    /// <param name="voltageMv">Membrane potential from the step's first sample to where it ends or the first spike begins, mV.</param>
    /// <param name="restMv">Membrane potential before it, mV.</param>
    /// <param name="stepPa">The step, pA.</param>
    /// <param name="dtSeconds">The sampling interval, s.</param>
    /// <param name="noiseMv">Standard deviation of the noise, mV.</param>
    /// <param name="thresholdMv">The threshold above rest, mV, as far as it is known: where the leak has fallen.</param>
    /// <param name="prior">What is taken for likely. Default null: <see cref="OnsetPrior.Cells"/>.</param>
    public static OnsetFit Of(
        ReadOnlySpan<float> voltageMv,
        double restMv,
        double stepPa,
        double dtSeconds,
        double noiseMv,
        double thresholdMv,
        OnsetPrior? prior = null
    )
    {
        prior ??= OnsetPrior.Cells;
        var lastMs = Math.Min(LongestMs, (voltageMv.Length - 1) * dtSeconds * 1e3);
        if (lastMs < ShortestMs || !double.IsFinite(restMv) || stepPa == 0)
            return None;
        var (times, measured, samples) = (new double[Points], new double[Points], new double[Points]);
        Gather(voltageMv, restMv, dtSeconds, lastMs, times, measured, samples);
        var noise = double.IsFinite(noiseMv) ? noiseMv : 0.1;
        var deviations = Array.ConvertAll(samples, n => Math.Sqrt((MismatchMv * MismatchMv) + (noise * noise / Math.Max(1, n))));
        var model = new double[Points];
        var estimate = MapEstimate.Find(
            prior.Means,
            prior.Precision,
            Points,
            (values, residuals) =>
            {
                Simulate(values, stepPa, thresholdMv, times, model);
                for (var k = 0; k < Points; k++)
                    residuals[k] = double.IsFinite(measured[k]) ? (model[k] - measured[k]) / deviations[k] : 0;
            }
        );
        var found = estimate.Values;
        Simulate(found, stepPa, thresholdMv, times, model);
        var (square, count) = (0.0, 0);
        for (var k = 0; k < Points; k++)
        {
            if (!double.IsFinite(measured[k]))
                continue;
            square += (model[k] - measured[k]) * (model[k] - measured[k]);
            count++;
        }
        return new OnsetFit(
            Math.Exp(found[OnsetPrior.Resistance]),
            Math.Exp(found[OnsetPrior.Capacitance]),
            Math.Sqrt(estimate.Covariance[OnsetPrior.Resistance, OnsetPrior.Resistance]),
            Math.Sqrt(estimate.Covariance[OnsetPrior.Capacitance, OnsetPrior.Capacitance]),
            Share(found[OnsetPrior.Dendrite]),
            found[OnsetPrior.LeakFall],
            found[OnsetPrior.Bridge],
            Math.Sqrt(square / Math.Max(1, count)),
            lastMs / 1e3
        );
    }

    // Points as evenly in the logarithm of time as the sampling allows, each the mean of what is nearer to it than to its neighbours.
    private static void Gather(
        ReadOnlySpan<float> voltage,
        double rest,
        double dt,
        double lastMs,
        Span<double> times,
        Span<double> measured,
        Span<double> samples
    )
    {
        var growth = Math.Pow(lastMs / FirstMs, 1.0 / Points);
        for (var k = 0; k < Points; k++)
        {
            var (from, to) = (FirstMs * Math.Pow(growth, k), FirstMs * Math.Pow(growth, k + 1));
            var first = Math.Clamp((int)Math.Ceiling(from / (dt * 1e3)), 0, voltage.Length - 1);
            var end = Math.Clamp((int)Math.Ceiling(to / (dt * 1e3)), first, voltage.Length);
            var stretch = voltage[first..end];
            times[k] = (first + ((end - first - 1) / 2.0)) * dt * 1e3;
            measured[k] = stretch.IsEmpty ? double.NaN : SweepStatistics.Mean(stretch) - rest;
            samples[k] = stretch.Length;
            if (stretch.IsEmpty)
                times[k] = from;
        }
    }

    // Backward Euler, which no fast dendrite upsets; times ascend.
    private static void Simulate(
        ReadOnlySpan<double> values,
        double stepPa,
        double thresholdMv,
        ReadOnlySpan<double> times,
        Span<double> mv
    )
    {
        // nS, pF, ms, mV, pA.
        var leak = 1e3 / Math.Exp(values[OnsetPrior.Resistance]);
        var capacitance = Math.Exp(values[OnsetPrior.Capacitance]);
        var share = Share(values[OnsetPrior.Dendrite]);
        var coupling = leak * Math.Exp(values[OnsetPrior.Coupling]);
        var fall = values[OnsetPrior.LeakFall] / (2 * thresholdMv);
        var jump = stepPa * values[OnsetPrior.Bridge] / 1e3;
        var (somaC, dendriteC) = ((1 - share) * capacitance, share * capacitance);
        var (somaG, dendriteG) = ((1 - share) * leak, share * leak);
        var (t, v, u) = (0.0, 0.0, 0.0);
        for (var k = 0; k < times.Length; k++)
        {
            var span = Math.Max(0, times[k] - t);
            var steps = Math.Max(1, (int)Math.Ceiling(span / (t < 5 ? 0.1 : 0.5)));
            var h = span / steps;
            for (var n = 0; n < steps && h > 0; n++)
            {
                var leaking = somaG * Math.Max(0.02, 1 - (fall * Math.Max(0, v)));
                var (a, d) = ((somaC / h) + leaking + coupling, (dendriteC / h) + dendriteG + coupling);
                var (x, y) = (stepPa + (somaC / h * v), dendriteC / h * u);
                var determinant = (a * d) - (coupling * coupling);
                (v, u) = (((x * d) + (coupling * y)) / determinant, ((a * y) + (coupling * x)) / determinant);
            }
            t = Math.Max(t, times[k]);
            mv[k] = v + jump;
        }
    }

    private static double Share(double logit) => 1 / (1 + Math.Exp(-logit));
}

/// <summary>What an onset fit takes for likely of its six unknowns.</summary>
internal sealed class OnsetPrior
{
    public const int Resistance = 0,
        Capacitance = 1,
        Dendrite = 2,
        Coupling = 3,
        LeakFall = 4,
        Bridge = 5,
        Count = 6;

    // As good as known.
    private const double Fixed = 1e-3;

    private OnsetPrior(double[] means, double[] deviations, double correlation)
    {
        Means = means;
        var covariance = new double[Count, Count];
        for (var p = 0; p < Count; p++)
            covariance[p, p] = deviations[p] * deviations[p];
        covariance[0, 1] = covariance[1, 0] = correlation * deviations[0] * deviations[1];
        Precision = SmallMatrix.Inverse(covariance);
    }

    /// <summary>
    /// Cells of mouse cortex: R and C of the published GLIF models (Teeter et al. 2018), dendrite, leak and pipette as they are taken to
    /// be where recordings are simulated.
    /// </summary>
    public static OnsetPrior Cells { get; } =
        new([Math.Log(188), Math.Log(89), 0.1, Math.Log(6), 0.35, 0], [0.46, 0.39, 0.7, 0.7, 0.25, 3], -0.3);

    /// <summary>Output error of one compartment that may be anything, without jump: what a plain GLIF1 is fitted with.</summary>
    public static OnsetPrior OneCompartment { get; } =
        new([Math.Log(188), Math.Log(89), -9, Math.Log(6), 0, 0], [5, 5, Fixed, Fixed, Fixed, Fixed], 0);

    public double[] Means { get; }

    public double[,] Precision { get; }
}
