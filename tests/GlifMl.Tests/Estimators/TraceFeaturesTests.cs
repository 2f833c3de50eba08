using GlifMl.Estimators;
using GlifMl.Estimators.TraceFeatures;
using GlifMl.Simulation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Estimators;

public sealed class TraceFeaturesTests
{
    private const float N = float.NaN;
    private static readonly TraceFeaturesOptions Few = new() { Quantiles = [0, 0.5, 1], Lags = [1, 2] };

    [Fact]
    public void Fit_Voltage_GivesTheNumbersByHand()
    {
        var f = Features(Few, new TraceShape(8, 1), [1, 2, N, 4, N, N, 7, N]);
        Assert.Equal(7, f["valid_samples"]);
        Assert.Equal(3.5f, f["mean_mV"]);
        Assert.Equal(MathF.Sqrt(5.25f), f["sd_mV"]);
        Assert.Equal((1f, 2f, 7f), (f["quantile_0_mV"], f["quantile_0.5_mV"], f["quantile_1_mV"]));
        // One pair of lag 1, (1, 2); one of lag 2, (2, 4), about the mean 3.5 and over the variance 5.25.
        Assert.Equal(2.5f * 1.5f / 5.25f, f["autocorrelation_1"], 1e-6f);
        Assert.Equal(-1.5f * 0.5f / 5.25f, f["autocorrelation_2"], 1e-6f);
        var r1 = 2.5f * 1.5f / 5.25f;
        Assert.Equal(((1 + r1) / 2) + (r1 / 2), f["autocorrelation_time"], 1e-6f);
        Assert.Equal((2f, 2f, 2f, 2f), (f["spike_count"], f["first_spike"], f["first_interval"], f["mean_interval"]));
        Assert.Equal((1f, 1f, 1f, 1f), (f["slope_mean_mV"], f["slope_size_mV"], f["slope_minimum_mV"], f["slope_maximum_mV"]));
    }

    [Fact]
    public void Fit_NoSpikes_TimesAreTheTracesLength()
    {
        var f = Features(Few, new TraceShape(6, 1), [0, 1, 0, 1, N, N]);
        Assert.Equal((0f, 6f, 6f, 6f), (f["spike_count"], f["first_spike"], f["first_interval"], f["mean_interval"]));
        Assert.Equal(4, f["valid_samples"]);
    }

    [Fact]
    public void Fit_MembraneWithoutNoise_GivesItsCoefficientsBack()
    {
        var f = Features(new(), new TraceShape(400, 2), Membrane(400, a: -0.05, b: 0.002, c: -0.1, cut: 200));
        Assert.Equal(-0.05f, f["dV_on_V"], 1e-5f);
        Assert.Equal(0.002f, f["dV_on_I_mV_per_pA"], 1e-6f);
        Assert.Equal(-0.1f, f["dV_on_1_mV"], 1e-4f);
        Assert.Equal(0.04f, f["resistance_mV_per_pA"], 1e-5f);
        Assert.Equal(-2f, f["rest_mV"], 1e-2f);
        Assert.Equal(20f, f["time_constant"], 1e-2f);
        Assert.Equal(20f, f["pulse_samples"]);
        Assert.Equal(1, f["spike_count"]);
    }

    [Fact]
    public void Fit_DegenerateTraces_AreFiniteAndTheSameInOnnx()
    {
        var constant = Enumerable.Repeat(0.1f, 80).ToArray();
        var nothing = Enumerable.Repeat(N, 80).ToArray();
        var spiking = Enumerable.Range(0, 80).Select(i => i % 2 == 1 ? 50f + i : i % 6 == 0 ? 0f : N).ToArray();
        var oneSample = Enumerable.Range(0, 80).Select(i => i < 2 ? 1f : N).ToArray();
        var data = TraceRows.View(new TraceShape(40, 2), constant, nothing, spiking, oneSample, Membrane(40, -0.1, 0.01, 0.2, cut: 20));
        var features = TraceRows.Scores(new TraceFeaturesEstimator(new MLContext(1), "Trace", "Output", new()).Fit(data), data);
        Assert.All(features.SelectMany(f => f), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Fit_OneSample_SaysSo()
    {
        var data = TraceRows.View(new TraceShape(1, 1), [1f]);
        Assert.Equal(
            "trace-features: a trace has 1 sample; expected at least 2",
            Assert.Throws<ArgumentException>(() => new TraceFeaturesEstimator(new MLContext(1), "Trace", "Output", new()).Fit(data)).Message);
    }

    private static Dictionary<string, float> Features(TraceFeaturesOptions options, TraceShape shape, float[] trace)
    {
        var data = TraceRows.View(shape, trace);
        var fitted = new TraceFeaturesEstimator(new MLContext(1), "Trace", "Output", options).Fit(data);
        VBuffer<ReadOnlyMemory<char>> names = default;
        fitted.Transform(data).Schema["Output"].GetSlotNames(ref names);
        return names.DenseValues().Zip(TraceRows.Scores(fitted, data)[0]).ToDictionary(p => p.First.ToString(), p => p.Second);
    }

    // V[n+1] - V[n] = a V[n] + b I[n+1] + c under a pulse and noise, with five samples cut out and a reset to 0.
    private static float[] Membrane(int samples, double a, double b, double c, int cut)
    {
        var random = new SeededRandom(1, "membrane");
        var (trace, v) = (new float[2 * samples], 0.0);
        for (var n = 0; n < samples; n++)
        {
            var i = (float)(n < samples / 20 ? 50 : 100 + (40 * random.NextGaussian()));
            v = n == cut + 5 ? 0 : (float)(v + (a * v) + (b * i) + c);
            (trace[2 * n], trace[(2 * n) + 1]) = (n >= cut && n < cut + 5 ? N : (float)v, i);
        }

        return trace;
    }
}
