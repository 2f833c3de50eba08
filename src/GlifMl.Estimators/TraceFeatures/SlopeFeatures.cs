namespace GlifMl.Estimators;

/// <summary>The voltage's change from sample to sample, mV: mean, mean size, least and greatest; 0 where no two samples follow one another.</summary>
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
