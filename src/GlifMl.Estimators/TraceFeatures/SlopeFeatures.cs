using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// The voltage's change from sample to sample, mV: mean, mean size, least and greatest; 0 where no two samples follow one another.
/// </summary>
internal sealed class SlopeFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["slope_mean_mV", "slope_size_mV", "slope_minimum_mV", "slope_maximum_mV"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var voltage = trace.Voltage;
        var (n, sum, size, least, most) = (0, 0.0, 0.0, double.PositiveInfinity, double.NegativeInfinity);
        for (var t = 1; t < voltage.Length; t++)
        {
            var change = (double)voltage[t] - voltage[t - 1];
            if (!double.IsNaN(change))
                (n, sum, size, least, most) = (
                    n + 1,
                    sum + change,
                    size + Math.Abs(change),
                    Math.Min(least, change),
                    Math.Max(most, change)
                );
        }

        return [sum / Math.Max(n, 1), size / Math.Max(n, 1), n > 0 ? least : 0, n > 0 ? most : 0];
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var (valid, voltage, samples) = (trace.Spikes.Valid, trace.Spikes.Voltage, trace.Samples);
        var pair = valid.Slice(0, samples - 1) & valid.Slice(1, samples);
        var change = voltage.Slice(1, samples) - voltage.Slice(0, samples - 1);
        var n = pair.Count();
        var any = n > 0.5;
        yield return pair.Select(change, 0).Sum() / n.AtLeast(1);
        yield return pair.Select(change.Abs(), 0).Sum() / n.AtLeast(1);
        yield return any.Select(pair.Select(change, double.PositiveInfinity).Minimum(), 0);
        yield return any.Select(pair.Select(change, double.NegativeInfinity).Maximum(), 0);
    }
}

/// <summary>
/// How many spike cuts there are, the first one's sample, and the intervals from the first to the second and on average, samples. A time
/// that is not there is the trace's length.
/// </summary>
internal sealed class SpikeFeatures : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = ["spike_count", "first_spike", "first_interval", "mean_interval"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var voltage = trace.Voltage;
        var (count, first, second, latest) = (0, voltage.Length, voltage.Length, 0);
        for (var t = 1; t < trace.LastValid; t++)
        {
            if (!float.IsNaN(voltage[t]) || float.IsNaN(voltage[t - 1]))
                continue;
            count++;
            (first, second, latest) = (count == 1 ? t : first, count == 2 ? t : second, t);
        }

        return [count, first, count > 1 ? second - first : voltage.Length, count > 1 ? (latest - first) / (count - 1.0) : voltage.Length];
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var (spikes, samples) = (trace.Spikes, trace.Samples);
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
}
