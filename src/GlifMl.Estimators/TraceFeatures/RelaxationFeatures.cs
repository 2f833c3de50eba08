using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// How the voltage relaxes at the start of the trace. Under a constant current I the membrane goes to its level without turning back, by
/// V[n+1] - V[n] = k - r V[n] with rate r = dt / (R C) and drive k = dt (I / C + El / (R C)), so that its level k / r is El + R I. Least
/// squares of the change on the voltage give both, over windows of a few lengths that end earlier where the voltage turns back: a spike's
/// reset, or another current.
/// </summary>
/// <remarks>A trace whose first sample's change is 0, or that turns back at once, as a noisy one does, shows no relaxation: 0.</remarks>
/// <param name="windows">Lengths of the windows, samples, increasing, at least 3 and at most the trace's.</param>
internal sealed class RelaxationFeatures(int[] windows) : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } =
    [
        "relaxation_samples",
        .. windows.SelectMany(w => new[] { $"relaxation_{w}_rate", $"relaxation_{w}_level_mV", $"relaxation_{w}_drive_mV" }),
    ];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var V = trace.Voltage;
        var (longest, pairs) = (windows.LastOrDefault() - 1, 0);
        while (pairs < longest && ((double)V[pairs + 1] - V[pairs]) * ((double)V[1] - V[0]) > 0)
            pairs++;
        yield return pairs;

        foreach (var window in windows)
        {
            var (rate, drive) = LeastSquares(V, Math.Min(pairs, window - 1));
            yield return rate;
            yield return rate > MembraneIdentification.LeastDecay ? drive / rate : 0;
            yield return drive;
        }
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var longest = windows.LastOrDefault() - 1;
        if (longest < 1)
        {
            yield return trace.Moments.Mean * 0;
            yield break;
        }

        // Not the voltage with 0 for NaN: where a spike cut begins the voltage has to be seen to end.
        var V = DoubleNode.Cast(trace.Graph, trace.VoltageMv).Slice(0, longest + 1);
        var (before, index) = (V.Slice(0, longest), trace.Spikes.Index.SliceOfVector(0, longest));
        var change = V.Slice(1, longest + 1) - before;
        var pairs = (!(change * change.Slice(0, 1) > 0)).Select(index, longest).Minimum();
        yield return pairs;

        foreach (var window in windows)
        {
            var (rate, drive) = LeastSquares(index < pairs.AtMost(window - 1), before, change);
            var relaxes = rate > MembraneIdentification.LeastDecay;
            yield return rate;
            yield return relaxes.Select(drive / relaxes.Select(rate, 1), 0);
            yield return drive;
        }
    }

    private static (double Rate, double Drive) LeastSquares(ReadOnlySpan<float> V, int pairs)
    {
        var (v, d) = (0.0, 0.0);
        for (var n = 0; n < pairs; n++)
            (v, d) = (v + V[n], d + ((double)V[n + 1] - V[n]));
        (v, d) = (v / Math.Max(pairs, 1), d / Math.Max(pairs, 1));
        var (vv, vd) = (0.0, 0.0);
        for (var n = 0; n < pairs; n++)
            (vv, vd) = (vv + ((V[n] - v) * (V[n] - v)), vd + ((V[n] - v) * ((double)V[n + 1] - V[n] - d)));
        var slope = vv > MembraneIdentification.LeastVariance * pairs * v * v ? vd / vv : 0;
        return (-slope, d - (slope * v));
    }

    private static (DoubleNode Rate, DoubleNode Drive) LeastSquares(MaskNode pair, DoubleNode voltage, DoubleNode change)
    {
        var n = pair.Count();
        DoubleNode Mean(DoubleNode x) => pair.Select(x, 0).Sum() / n.AtLeast(1);
        var (v, d) = (Mean(voltage), Mean(change));
        var (x, y) = (pair.Select(voltage - v, 0), pair.Select(change - d, 0));
        var vv = (x * x).Sum();
        var varies = vv > n * v * v * MembraneIdentification.LeastVariance;
        var slope = varies.Select((x * y).Sum() / varies.Select(vv, 1), 0);
        return (-slope, d - (slope * v));
    }
}
