namespace GlifMl.Estimators;

/// <summary>
/// How many spike cuts there are, the first one's sample, and the intervals from the first to the second and on average, samples. A time that is not
/// there is the trace's length.
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
