namespace GlifMl.Estimators;

/// <summary>
/// What a voltage trace and its stimulus, sample by sample, say of a leaky integrator. Its Euler step (Teeter et al. 2018, eq. 1, as the Allen
/// Institute's simulator takes it) is V[n+1] - V[n] = a V[n] + b I[n+1] + c with a = -dt / (R C), b = dt / C and c = dt El / (R C): linear in
/// V, I and 1, so least squares give a, b and c exactly where there is no noise. Spike cuts are NaN and take no part.
/// </summary>
/// <param name="IsDetermined">Whether the pairs of neighbouring samples determine a, b and c, which are 0 otherwise.</param>
/// <param name="OnVoltage">a.</param>
/// <param name="OnCurrent">b, mV/pA.</param>
/// <param name="Constant">c, mV.</param>
/// <param name="PulseSamples">Samples at the start that carry the first sample's current.</param>
/// <param name="LargestMv">The largest voltage seen, mV: the threshold is at least this. 0 where there is no voltage.</param>
/// <param name="Crossings">Spike cuts that follow a sample and are followed by one.</param>
/// <param name="CrossingMv">The smallest voltage that a step into a spike cut leads to, mV: the threshold is below this. 0 where there is no crossing.</param>
internal readonly record struct MembraneIdentification(
    bool IsDetermined,
    double OnVoltage,
    double OnCurrent,
    double Constant,
    int PulseSamples,
    double LargestMv,
    int Crossings,
    double CrossingMv
)
{
    /// <summary>Of the variances' product, how much the determinant must keep: below it V and I tell the same story.</summary>
    public const double LeastDeterminant = 1e-10;

    /// <summary>The least share of its distance that a membrane relaxes by in a sample: a slower one is none that a trace can show.</summary>
    public const double LeastDecay = 1e-9;

    /// <summary>Of a mean's square, how much a variance must be: below it, it is the rounding of a constant.</summary>
    public const double LeastVariance = 1e-18;

    /// <summary>Of the first current, how much another may differ and count as the same: current is recorded in single precision.</summary>
    public const double PulseTolerance = 1e-3;

    public static MembraneIdentification Of(ReadOnlySpan<float> voltageMv, ReadOnlySpan<float> stimulusPa)
    {
        var (isDetermined, a, b, c) = LeastSquares(voltageMv, stimulusPa);
        var last = voltageMv.Length - 1;
        while (last >= 0 && float.IsNaN(voltageMv[last]))
            last--;

        var (largest, crossings, crossing) = (double.NegativeInfinity, 0, double.PositiveInfinity);
        for (var t = 0; t <= last; t++)
        {
            if (!float.IsNaN(voltageMv[t]))
            {
                largest = Math.Max(largest, voltageMv[t]);
            }
            else if (t > 0 && !float.IsNaN(voltageMv[t - 1]))
            {
                crossings++;
                crossing = Math.Min(crossing, ((1 + a) * voltageMv[t - 1]) + (b * stimulusPa[t]) + c);
            }
        }

        return new(isDetermined, a, b, c, PulseOf(stimulusPa), last < 0 ? 0 : largest, crossings, crossings == 0 ? 0 : crossing);
    }

    private static (bool IsDetermined, double OnVoltage, double OnCurrent, double Constant) LeastSquares(
        ReadOnlySpan<float> V,
        ReadOnlySpan<float> I
    )
    {
        var (n, v, i, d) = (0, 0.0, 0.0, 0.0);
        for (var t = 1; t < V.Length; t++)
        {
            if (IsPair(V, I, t))
                (n, v, i, d) = (n + 1, v + V[t - 1], i + I[t], d + ((double)V[t] - V[t - 1]));
        }

        if (n < 3)
            return default;
        (v, i, d) = (v / n, i / n, d / n);
        // About the means, which solves the third equation and leaves two; raw sums would cancel.
        var (vv, vi, ii, vd, id) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var t = 1; t < V.Length; t++)
        {
            if (!IsPair(V, I, t))
                continue;
            var (x, y, z) = (V[t - 1] - v, I[t] - i, (double)V[t] - V[t - 1] - d);
            (vv, vi, ii, vd, id) = (vv + (x * x), vi + (x * y), ii + (y * y), vd + (x * z), id + (y * z));
        }

        var determinant = (vv * ii) - (vi * vi);
        if (!(vv > LeastVariance * n * v * v && ii > LeastVariance * n * i * i && determinant > LeastDeterminant * vv * ii))
            return default;
        var (a, b) = (((vd * ii) - (id * vi)) / determinant, ((id * vv) - (vd * vi)) / determinant);
        return (true, a, b, d - (a * v) - (b * i));
    }

    private static bool IsPair(ReadOnlySpan<float> V, ReadOnlySpan<float> I, int t) =>
        !float.IsNaN(V[t - 1]) && !float.IsNaN(V[t]) && !float.IsNaN(I[t]);

    /// <summary>Samples that the stimulus stays at its first value.</summary>
    public static int PulseOf(ReadOnlySpan<float> I)
    {
        var t = 1;
        while (t < I.Length && !(Math.Abs((double)I[t] - I[0]) > PulseTolerance * Math.Abs((double)I[0])))
            t++;
        return t;
    }
}
