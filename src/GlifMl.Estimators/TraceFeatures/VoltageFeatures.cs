using GlifMl.Estimators.Graphs;
using GlifMl.Estimators.Identification;
using GlifMl.Onnx;

namespace GlifMl.Estimators.TraceFeatures;

/// <summary>
/// What the voltage says by itself. Times are in samples; a spike time that is not there is the trace's length, any other number that is not
/// there is 0. The same numbers in process and as nodes, side by side.
/// </summary>
internal static class VoltageFeatures
{
    // 0.05 x 280 may come out just below 14, or not, as constants are rounded; both are rank 14.
    private const double RankTolerance = 1e-6;

    public static IReadOnlyList<string> Names(double[] quantiles, int[] lags) =>
    [
        "valid_samples", "mean_mV", "sd_mV", .. quantiles.Select(q => $"quantile_{q}_mV"),
        .. lags.Select(l => $"autocorrelation_{l}"), "autocorrelation_time",
        "spike_count", "first_spike", "first_interval", "mean_interval",
        "slope_mean_mV", "slope_size_mV", "slope_minimum_mV", "slope_maximum_mV",
    ];

    public static void Add(float[] voltage, double[] quantiles, int[] lags, List<double> features)
    {
        var valid = Array.FindAll(voltage, v => !float.IsNaN(v));
        var last = Array.FindLastIndex(voltage, v => !float.IsNaN(v));
        features.Add(last + 1);
        var (mean, variance) = Moments(valid);
        features.Add(mean);
        features.Add(Math.Sqrt(variance));
        Array.Sort(valid);
        features.AddRange(quantiles.Select(q => valid.Length == 0 ? 0.0 : valid[(int)Math.Floor((q * (valid.Length - 1)) + RankTolerance)]));
        AddAutocorrelation(Array.ConvertAll(voltage, v => float.IsNaN(v) ? double.NaN : v - mean), variance, lags, features);
        AddSpikes(voltage, last, features);
        AddSlopes(voltage, features);
    }

    public static List<DoubleNode> Add(OnnxGraph graph, string voltageMv, int samples, double[] quantiles, int[] lags)
    {
        var spikes = new SpikeNodes(graph, voltageMv, samples);
        var count = spikes.Valid.Count();
        var divisor = count.AtLeast(1);
        var mean = spikes.Voltage.Sum() / divisor;
        var centred = spikes.Valid.Select(spikes.Voltage - mean, 0);
        var raw = (centred * centred).Sum() / divisor;
        var variance = (raw > mean * mean * MembraneIdentification.LeastVariance).Select(raw, 0);
        return
        [
            spikes.LastValid + 1, mean, variance.Sqrt(), .. Quantiles(voltageMv, samples, spikes.Valid, count, quantiles),
            .. Autocorrelation(centred, spikes.Valid, variance, samples, lags), .. Spikes(spikes, samples), .. Slopes(spikes, samples),
        ];
    }

    // Welford's recurrence is no reduction; two passes are, and as exact.
    private static (double Mean, double Variance) Moments(float[] valid)
    {
        var (sum, squares, divisor) = (0.0, 0.0, Math.Max(valid.Length, 1));
        foreach (var v in valid)
            sum += v;
        var mean = sum / divisor;
        foreach (var v in valid)
            squares += (v - mean) * (v - mean);
        var variance = squares / divisor;
        return (mean, variance > mean * mean * MembraneIdentification.LeastVariance ? variance : 0);
    }

    private static IEnumerable<DoubleNode> Quantiles(string voltageMv, int samples, MaskNode valid, DoubleNode count, double[] quantiles)
    {
        if (quantiles.Length == 0)
            yield break;
        var graph = valid.Graph;
        var filled = graph.Node("Where", [valid.Name, voltageMv, graph.Constant(float.PositiveInfinity)]);
        var sorted = graph.Nodes("TopK", [filled, graph.Integers(samples)], 2, [("axis", 1L), ("largest", 0L), ("sorted", 1L)])[0];
        var ranks = ((count - 1).AtLeast(0) * DoubleNode.Constant(graph, quantiles)) + RankTolerance;
        var indices = new DoubleNode(graph, graph.Node("Floor", [ranks.Name])).ToInt64();
        var found = DoubleNode.Cast(graph, graph.Node("GatherElements", [sorted, indices], ("axis", 1L)));
        yield return (count > 0.5).Select(found, 0);
    }

    // c(k) = mean of z[t] z[t+k] over the pairs that are both there; r(k) = c(k) / variance. The time is the integral of r's positive part.
    private static void AddAutocorrelation(double[] centred, double variance, int[] lags, List<double> features)
    {
        var (time, lagBefore, before) = (0.0, 0, variance > 0 ? 1.0 : 0);
        foreach (var lag in lags)
        {
            var (sum, pairs) = (0.0, 0);
            for (var t = lag; t < centred.Length; t++)
            {
                var product = centred[t - lag] * centred[t];
                if (!double.IsNaN(product))
                    (sum, pairs) = (sum + product, pairs + 1);
            }

            var r = variance > 0 ? sum / Math.Max(pairs, 1) / variance : 0;
            features.Add(r);
            time += (lag - lagBefore) * (before + Math.Max(r, 0)) / 2;
            (lagBefore, before) = (lag, Math.Max(r, 0));
        }

        features.Add(time);
    }

    private static IEnumerable<DoubleNode> Autocorrelation(DoubleNode centred, MaskNode valid, DoubleNode variance, int samples, int[] lags)
    {
        var varies = variance > 0;
        var divisor = varies.Select(variance, 1);
        var (lagBefore, before) = (0, varies.ToDouble());
        var time = before * 0;
        foreach (var lag in lags)
        {
            var sum = (centred.Slice(0, samples - lag) * centred.Slice(lag, samples)).Sum();
            var pairs = (valid.Slice(0, samples - lag) & valid.Slice(lag, samples)).Count().AtLeast(1);
            var r = varies.Select(sum / pairs / divisor, 0);
            yield return r;
            var positive = r.AtLeast(0);
            time += (before + positive) * ((lag - lagBefore) / 2.0);
            (lagBefore, before) = (lag, positive);
        }

        yield return time;
    }

    private static void AddSpikes(float[] voltage, int last, List<double> features)
    {
        var (count, first, second, latest) = (0, voltage.Length, voltage.Length, 0);
        for (var t = 1; t < last; t++)
        {
            if (!float.IsNaN(voltage[t]) || float.IsNaN(voltage[t - 1]))
                continue;
            count++;
            (first, second, latest) = (count == 1 ? t : first, count == 2 ? t : second, t);
        }

        features.Add(count);
        features.Add(first);
        features.Add(count > 1 ? second - first : voltage.Length);
        features.Add(count > 1 ? (latest - first) / (count - 1.0) : voltage.Length);
    }

    private static IEnumerable<DoubleNode> Spikes(SpikeNodes spikes, int samples)
    {
        var times = spikes.Index.SliceOfVector(1, samples);
        var first = spikes.Starts.Select(times, samples).Minimum();
        var second = (spikes.Starts & times > first).Select(times, samples).Minimum();
        var latest = spikes.Starts.Select(times, 0).Maximum();
        var several = spikes.Count > 1.5;
        yield return spikes.Count;
        yield return first;
        yield return several.Select(second - first, samples);
        yield return several.Select((latest - first) / (spikes.Count - 1).AtLeast(1), samples);
    }

    private static void AddSlopes(float[] voltage, List<double> features)
    {
        var (n, sum, size, least, most) = (0, 0.0, 0.0, double.PositiveInfinity, double.NegativeInfinity);
        for (var t = 1; t < voltage.Length; t++)
        {
            var change = (double)voltage[t] - voltage[t - 1];
            if (!double.IsNaN(change))
                (n, sum, size, least, most) = (n + 1, sum + change, size + Math.Abs(change), Math.Min(least, change), Math.Max(most, change));
        }

        features.Add(sum / Math.Max(n, 1));
        features.Add(size / Math.Max(n, 1));
        features.Add(n > 0 ? least : 0);
        features.Add(n > 0 ? most : 0);
    }

    private static IEnumerable<DoubleNode> Slopes(SpikeNodes spikes, int samples)
    {
        var pair = spikes.Valid.Slice(0, samples - 1) & spikes.Valid.Slice(1, samples);
        var change = spikes.Voltage.Slice(1, samples) - spikes.Voltage.Slice(0, samples - 1);
        var n = pair.Count();
        var any = n > 0.5;
        yield return pair.Select(change, 0).Sum() / n.AtLeast(1);
        yield return pair.Select(change.Abs(), 0).Sum() / n.AtLeast(1);
        yield return any.Select(pair.Select(change, double.PositiveInfinity).Minimum(), 0);
        yield return any.Select(pair.Select(change, double.NegativeInfinity).Maximum(), 0);
    }
}
