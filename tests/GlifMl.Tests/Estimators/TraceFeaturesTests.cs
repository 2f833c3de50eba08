using System.Globalization;
using GlifMl.Estimators;
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
    public void Fit_WhereAPointIsAComma_GivesTheSameNames()
    {
        var (before, comma) = (CultureInfo.CurrentCulture, (CultureInfo)CultureInfo.InvariantCulture.Clone());
        comma.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Contains("quantile_0.5_mV", Features(Few, new TraceShape(6, 1), [0, 1, 0, 1, N, N]).Keys);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
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

    // V[n+1] - V[n] = 0.5 - 0.1 V[n]: rate 0.1, drive 0.5, level 5; after 30 samples the current falls and the voltage turns back.
    [Theory]
    [InlineData(30, 20, 30)]
    [InlineData(12, 12, 12)]
    public void Fit_ConstantCurrentAtTheStart_GivesRateLevelAndDrive(int turn, int window, int pairs)
    {
        var (trace, v) = (new float[60], 0.0);
        for (var n = 1; n < trace.Length; n++)
            trace[n] = (float)(v += (n <= turn ? 0.5 : 0.1) - (0.1 * v));
        var options = new TraceFeaturesOptions { Groups = [TraceFeatureGroup.Relaxation], Windows = [12, 20, 50, 100] };
        var f = Features(options, new TraceShape(60, 1), trace);
        // 100 is longer than the trace.
        Assert.Equal(10, f.Count);
        Assert.Equal(pairs, f["relaxation_samples"]);
        Assert.Equal(0.1f, f[$"relaxation_{window}_rate"], 1e-5f);
        Assert.Equal(5f, f[$"relaxation_{window}_level_mV"], 1e-3f);
        Assert.Equal(0.5f, f[$"relaxation_{window}_drive_mV"], 1e-5f);
        // Turned back before the window's end, the window ends there too.
        Assert.Equal(0.1f, f["relaxation_50_rate"], 1e-5f);
    }

    // A spike cut, a reset where cuts were dropped, and no change at all each end the relaxation: what two
    // changes say is exact, what none says is 0.
    [Theory]
    [InlineData(new[] { 0f, 4, 6, N, N, 0, 4, 6 }, 2, 0.5f, 8f)]
    [InlineData(new[] { 0f, 4, 6, 0, 4, 6, 0, 4 }, 2, 0.5f, 8f)]
    [InlineData(new[] { 0f, N, N, 0, N, N, 0, N }, 0, 0f, 0f)]
    [InlineData(new[] { 3f, 3, 4, 5, 6, 7, 8, 9 }, 0, 0f, 0f)]
    [InlineData(new[] { 0f, 1, 3, 7, 15, 31, 63, 127 }, 7, -1f, 0f)]
    public void Fit_BrokenRelaxation_IsReadUpToTheBreak(float[] voltage, int pairs, float rate, float level)
    {
        var f = Features(new() { Groups = [TraceFeatureGroup.Relaxation], Windows = [8] }, new TraceShape(8, 1), voltage);
        Assert.Equal(pairs, f["relaxation_samples"]);
        Assert.Equal((rate, level), (f["relaxation_8_rate"], f["relaxation_8_level_mV"]));
    }

    [Fact]
    public void Fit_Groups_GivesTheseAloneInOneOrder()
    {
        var options = Few with
        {
            Groups = [TraceFeatureGroup.LeastSquares, TraceFeatureGroup.Spikes, TraceFeatureGroup.Spikes, TraceFeatureGroup.Quantiles],
        };
        var trace = Membrane(400, a: -0.05, b: 0.002, c: -0.1, cut: 200);
        var f = Features(options, new TraceShape(400, 2), trace);
        Assert.Equal(
            [
                "quantile_0_mV",
                "quantile_0.5_mV",
                "quantile_1_mV",
                "spike_count",
                "first_spike",
                "first_interval",
                "mean_interval",
                "dV_on_V",
                "dV_on_I_mV_per_pA",
                "dV_on_1_mV",
                "resistance_mV_per_pA",
                "rest_mV",
                "time_constant",
                "crossing_mV",
            ],
            f.Keys
        );
        var all = Features(Few, new TraceShape(400, 2), trace);
        Assert.All(f, feature => Assert.Equal(all[feature.Key], feature.Value));
        Assert.All(
            Enum.GetValues<TraceFeatureGroup>(),
            group => Assert.NotEmpty(Features(Few with { Groups = [group] }, new TraceShape(400, 2), trace))
        );
    }

    [Theory]
    [InlineData(TraceFeatureGroup.LeastSquares, "least-squares")]
    [InlineData(TraceFeatureGroup.Stimulus, "stimulus")]
    public void Fit_GroupOfAStimulusThatIsNotThere_SaysWhatGivesIt(TraceFeatureGroup group, string name)
    {
        var data = TraceRows.View(new TraceShape(3, 1), [1f, 2, 3]);
        var estimator = new TraceFeaturesEstimator(
            new MLContext(1),
            "Trace",
            "Output",
            new() { Groups = [TraceFeatureGroup.Spikes, group] }
        );
        Assert.Equal(
            $"trace-features: found group {name} of traces with one channel; expected voltage and stimulus, "
                + "from 'channels: {columns: [voltage, stimulus]}' with dataset.trace.stimulus: true",
            Assert.Throws<ArgumentException>(() => estimator.Fit(data)).Message
        );
    }

    [Fact]
    public void Fit_DegenerateTraces_AreFiniteAndTheSameInOnnx()
    {
        var constant = Enumerable.Repeat(0.1f, 80).ToArray();
        var nothing = Enumerable.Repeat(N, 80).ToArray();
        var spiking = Enumerable
            .Range(0, 80)
            .Select(i =>
                i % 2 == 1 ? 50f + i
                : i % 6 == 0 ? 0f
                : N
            )
            .ToArray();
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
            "trace-features: found traces of 1 sample; expected at least 2",
            Assert.Throws<ArgumentException>(() => new TraceFeaturesEstimator(new MLContext(1), "Trace", "Output", new()).Fit(data)).Message
        );
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
