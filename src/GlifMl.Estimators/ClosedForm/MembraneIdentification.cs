using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// What a voltage trace and its stimulus, sample by sample, say of a leaky integrator. Its Euler step (Teeter et al. 2018, eq. 1, as the
/// Allen Institute's simulator takes it) is V[n+1] - V[n] = a V[n] + b I[n+1] + c with a = -dt / (R C), b = dt / C and c = dt El / (R C):
/// linear in V, I and 1, so least squares give a, b and c exactly where there is no noise. Spike cuts are NaN and take no part.
/// </summary>
/// <param name="IsDetermined">Whether the pairs of neighbouring samples determine a, b and c, which are 0 otherwise.</param>
/// <param name="OnVoltage">a.</param>
/// <param name="OnCurrent">b, mV/pA.</param>
/// <param name="Constant">c, mV.</param>
/// <param name="PulseSamples">Samples at the start that carry the first sample's current.</param>
/// <param name="LargestMv">The largest voltage seen, mV: the threshold is at least this. 0 where there is no voltage.</param>
/// <param name="Crossings">Spike cuts that follow a sample and are followed by one.</param>
/// <param name="CrossingMv">
/// The smallest voltage that a step into a spike cut leads to, mV: the threshold is below this. 0 where there is no crossing.
/// </param>
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

    /// <summary>
    /// The least share of its distance that a membrane relaxes by in a sample: a slower one is none that a trace can show.
    /// </summary>
    public const double LeastDecay = 1e-9;

    /// <summary>Of a mean's square, how much a variance must be: below it, it is the rounding of a constant.</summary>
    public const double LeastVariance = 1e-18;

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

        return new(isDetermined, a, b, c, FirstPulse.Samples(stimulusPa), last < 0 ? 0 : largest, crossings, crossings == 0 ? 0 : crossing);
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
}

/// <summary><see cref="MembraneIdentification"/> as nodes of a graph, with the same names; each is [N, 1].</summary>
internal sealed record MembraneIdentificationNodes(
    MaskNode IsDetermined,
    DoubleNode OnVoltage,
    DoubleNode OnCurrent,
    DoubleNode Constant,
    DoubleNode PulseSamples,
    DoubleNode LargestMv,
    DoubleNode Crossings,
    DoubleNode CrossingMv
)
{
    /// <param name="graph">The graph to add to.</param>
    /// <param name="voltageMv">[N, samples], single.</param>
    /// <param name="stimulusPa">[N, samples], single.</param>
    /// <param name="samples">Samples, at least 2.</param>
    public static MembraneIdentificationNodes Add(OnnxGraph graph, string voltageMv, string stimulusPa, int samples)
    {
        var spikes = new SpikeNodes(graph, voltageMv, samples);
        var (V, I) = (spikes.Voltage, DoubleNode.Cast(graph, stimulusPa));
        var (before, after) = (V.Slice(0, samples - 1), V.Slice(1, samples));
        var current = I.Slice(1, samples);
        var pair =
            spikes.Valid.Slice(0, samples - 1) & spikes.Valid.Slice(1, samples) & MaskNode.NotNaN(graph, stimulusPa).Slice(1, samples);
        var (isDetermined, a, b, c) = LeastSquares(pair, before, current, after - before);

        var next = before + (a * before) + (b * current) + c;
        var any = spikes.Count > 0.5;
        var crossing = spikes.Starts.Select(next, double.PositiveInfinity).Minimum();
        return new(
            isDetermined,
            a,
            b,
            c,
            FirstPulse.Samples(I, spikes.Index, samples),
            spikes.Largest,
            spikes.Count,
            any.Select(crossing, 0)
        );
    }

    private static (MaskNode IsDetermined, DoubleNode OnVoltage, DoubleNode OnCurrent, DoubleNode Constant) LeastSquares(
        MaskNode pair,
        DoubleNode voltage,
        DoubleNode current,
        DoubleNode change
    )
    {
        var n = pair.Count();
        var divisor = n.AtLeast(1);
        DoubleNode Mean(DoubleNode x) => pair.Select(x, 0).Sum() / divisor;
        var (v, i, d) = (Mean(voltage), Mean(current), Mean(change));
        var (x, y, z) = (pair.Select(voltage - v, 0), pair.Select(current - i, 0), pair.Select(change - d, 0));
        var (vv, vi, ii, vd, id) = ((x * x).Sum(), (x * y).Sum(), (y * y).Sum(), (x * z).Sum(), (y * z).Sum());
        var determinant = (vv * ii) - (vi * vi);
        var isDetermined =
            n > 2.5
            & vv > n * v * v * MembraneIdentification.LeastVariance
            & ii > n * i * i * MembraneIdentification.LeastVariance
            & determinant > vv * ii * MembraneIdentification.LeastDeterminant;
        var solved = isDetermined.Select(determinant, 1);
        var a = isDetermined.Select(((vd * ii) - (id * vi)) / solved, 0);
        var b = isDetermined.Select(((id * vv) - (vd * vi)) / solved, 0);
        return (isDetermined, a, b, isDetermined.Select(d - (a * v) - (b * i), 0));
    }
}
