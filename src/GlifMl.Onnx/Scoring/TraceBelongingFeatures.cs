namespace GlifMl.Onnx;

/// <summary>
/// Numbers that tell traces apart: levels and spread, how rough and how jumpy they are, cuts, and how well the voltage follows the current
/// as that of a leaky membrane does.
/// </summary>
internal static class TraceBelongingFeatures
{
    /// <summary>What each is, in their order; the first <see cref="OfVoltage"/> need no current.</summary>
    public static readonly string[] Names =
    [
        "mean voltage",
        "spread of the voltage",
        "smallest voltage",
        "largest voltage",
        "roughness of the voltage",
        "jumps of the voltage",
        "missing samples",
        "number of cuts",
        "mean current",
        "spread of the current",
        "first current",
        "smallest current",
        "roughness of the current",
        "response to the current",
        "sign of the response",
        "leak",
        "what a leaky membrane leaves unexplained",
    ];

    /// <summary>How many features there are without a current.</summary>
    public const int OfVoltage = 8;

    // Below what a Single of a voltage in mV can tell.
    private const double Least = 1e-7;

    // Steps that are further off than that, in root mean squares, are cuts and resets.
    private const double Outlying = 3;

    /// <summary>The features of a trace.</summary>
    /// <param name="voltage">The voltage in mV; NaN where it is missing.</param>
    /// <param name="current">The current in pA; null where it is not known.</param>
    public static double[] Of(ReadOnlySpan<float> voltage, ReadOnlySpan<float> current)
    {
        var features = new double[current.IsEmpty ? OfVoltage : Names.Length];
        var v = TraceStatistics.Of(voltage);
        var (sum, largest, missing, cuts) = (0.0, 0.0, 0, 0);
        for (var n = 0; n < voltage.Length; n++)
        {
            missing += float.IsNaN(voltage[n]) ? 1 : 0;
            if (n == 0)
                continue;
            cuts += float.IsNaN(voltage[n]) && !float.IsNaN(voltage[n - 1]) ? 1 : 0;
            var step = Math.Abs((double)voltage[n] - voltage[n - 1]);
            if (double.IsNaN(step))
                continue;
            sum += step;
            largest = Math.Max(largest, step);
        }
        var roughness = sum / voltage.Length;
        (features[0], features[1], features[2], features[3]) = (v.Mean, Log(v.StandardDeviation), v.Minimum, v.Maximum);
        (features[4], features[5]) = (Log(roughness), Log(largest) - Log(roughness));
        (features[6], features[7]) = ((double)missing / voltage.Length, cuts);
        if (!current.IsEmpty)
            Current(voltage, current, features.AsSpan(OfVoltage));
        for (var k = 0; k < features.Length; k++)
            features[k] = double.IsFinite(features[k]) ? features[k] : 0;
        return features;
    }

    private static void Current(ReadOnlySpan<float> voltage, ReadOnlySpan<float> current, Span<double> features)
    {
        var i = TraceStatistics.Of(current);
        var rough = 0.0;
        for (var n = 1; n < current.Length; n++)
            rough += Math.Abs((double)current[n] - current[n - 1]);
        var all = Membrane(voltage, current, default, double.PositiveInfinity, out var spread, out _);
        var inner = Membrane(voltage, current, all, Outlying * spread, out _, out var unexplained);
        (features[0], features[1], features[2], features[3]) = (i.Mean, Log(i.StandardDeviation), current[0], i.Minimum);
        features[4] = Log(rough / current.Length);
        (features[5], features[6]) = (Log(Math.Abs(inner.A)), Math.Sign(inner.A));
        (features[7], features[8]) = (Log(Math.Abs(inner.B)), unexplained);
    }

    // Least squares of V[n+1] - V[n] on I[n], V[n] and 1, of steps that an earlier fit does not miss by more than so much; the root mean
    // square that an earlier fit left, and the logarithm of what it leaves of the steps, both by means of square roots, which single steps
    // do not dominate.
    private static (double A, double B, double C) Membrane(
        ReadOnlySpan<float> voltage,
        ReadOnlySpan<float> current,
        (double A, double B, double C) before,
        double most,
        out double spread,
        out double unexplained
    )
    {
        double n = 0,
            i = 0,
            v = 0,
            d = 0,
            ii = 0,
            iv = 0,
            vv = 0,
            id = 0,
            vd = 0;
        for (var t = 0; t + 1 < voltage.Length; t++)
        {
            double x = current[t],
                y = voltage[t],
                step = (double)voltage[t + 1] - y;
            if (!double.IsFinite(step) || !double.IsFinite(x) || Math.Abs(step - (before.A * x) - (before.B * y) - before.C) > most)
                continue;
            (n, i, v, d) = (n + 1, i + x, v + y, d + step);
            (ii, iv, vv, id, vd) = (ii + (x * x), iv + (x * y), vv + (y * y), id + (x * step), vd + (y * step));
        }
        (ii, iv, vv, id, vd) = (ii - (i * i / n), iv - (i * v / n), vv - (v * v / n), id - (i * d / n), vd - (v * d / n));
        var determinant = (ii * vv) - (iv * iv);
        var isTold = determinant > 1e-9 * ii * vv;
        var a = isTold ? ((id * vv) - (vd * iv)) / determinant : 0;
        var b =
            isTold ? ((vd * ii) - (id * iv)) / determinant
            : vv > 0 ? vd / vv
            : 0;
        var c = (d - (a * i) - (b * v)) / n;
        var (squares, roots, whole, count) = (0.0, 0.0, 0.0, 0);
        for (var t = 0; t + 1 < voltage.Length; t++)
        {
            var step = (double)voltage[t + 1] - voltage[t];
            var left = Math.Abs(step - (a * current[t]) - (b * voltage[t]) - c);
            if (!double.IsFinite(left))
                continue;
            squares += left * left;
            roots += Math.Sqrt(left);
            whole += Math.Sqrt(Math.Abs(step));
            count++;
        }
        spread = Math.Sqrt(squares / count);
        unexplained = 2 * (Log(roots / count) - Log(whole / count));
        return (a, b, c);
    }

    private static double Log(double value) => Math.Log10(value + Least);
}
