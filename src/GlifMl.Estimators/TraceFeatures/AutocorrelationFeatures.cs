using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>
/// The voltage's autocorrelation. c(k) = mean of z[t] z[t+k] over the pairs that are both there, z the voltage less its mean; r(k) = c(k) /
/// variance. The time is the integral of r's positive part, samples.
/// </summary>
internal sealed class AutocorrelationFeatures(int[] lags) : IFeatureGroup
{
    public IReadOnlyList<string> Names { get; } = [.. lags.Select(l => $"autocorrelation_{l}"), "autocorrelation_time"];

    public IEnumerable<double> Of(TraceReading trace)
    {
        var (mean, variance) = trace.Moments;
        var voltage = trace.Voltage;
        var (time, lagBefore, before) = (0.0, 0, variance > 0 ? 1.0 : 0);
        foreach (var lag in lags)
        {
            var (sum, pairs) = (0.0, 0);
            for (var t = lag; t < voltage.Length; t++)
            {
                // NaN where either sample is.
                var product = (voltage[t - lag] - mean) * (voltage[t] - mean);
                if (!double.IsNaN(product))
                    (sum, pairs) = (sum + product, pairs + 1);
            }

            var r = variance > 0 ? sum / Math.Max(pairs, 1) / variance : 0;
            yield return r;
            time += (lag - lagBefore) * (before + Math.Max(r, 0)) / 2;
            (lagBefore, before) = (lag, Math.Max(r, 0));
        }

        yield return time;
    }

    public IEnumerable<DoubleNode> Of(TraceReadingNodes trace)
    {
        var ((_, variance, centred), valid, samples) = (trace.Moments, trace.Spikes.Valid, trace.Samples);
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
}
