using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Tests.Estimators;

/// <summary>The membrane nearest to a trace: what it was made with, with and without noise, and the same through ONNX.</summary>
public sealed class MembraneFitTests
{
    private const int Samples = 2000;
    private static readonly TraceShape Shape = new(Samples, 2);

    // Slow, middling and quicker than a block; without spikes, and with cuts whose ends fall within, on and across blocks of 20.
    public static TheoryData<double, double, double, double> Membranes { get; } =
        new()
        {
            { 0.002, 0.0005, -3.0, double.PositiveInfinity },
            { 0.01, 0.002, 4.0, double.PositiveInfinity },
            { 0.09, 0.02, -7.0, double.PositiveInfinity },
            { 0.005, 0.002, 2.0, 18.0 },
            { 0.03, 0.01, -5.0, 20.0 },
        };

    [Theory]
    [MemberData(nameof(Membranes))]
    public void Fit_WithoutNoise_GivesTheMembraneBack(double rate, double gain, double rest, double threshold)
    {
        var f = Numbers([Membrane(1, rate, gain, rest, threshold)])[0];
        Assert.Equal(Math.Log(rate), f["log_rate"], 2e-4);
        Assert.Equal(Math.Log(gain), f["log_gain"], 2e-4);
        Assert.Equal(Math.Log(gain / rate), f["log_resistance"], 3e-4);
        Assert.Equal(rest, f["rest_mV"], 2e-3);
        Assert.Equal(Math.Log(200), f["log_pulse"], 1e-5);
        Assert.True(f["log_noise_sd"] < Math.Log(0.01), $"noise {f["log_noise_sd"]}");
        if (double.IsFinite(threshold))
        {
            Assert.InRange(f["crossing_least_mV"], threshold, threshold * 1.1);
            Assert.InRange(f["largest_mV"], threshold * 0.8, threshold);
            Assert.True(f["log_crossings"] > Math.Log(1.5));
        }
        else
        {
            Assert.Equal(0, f["log_crossings"]);
            Assert.Equal((f["largest_mV"], 1, f["largest_mV"]), (f["crossing_mean_mV"], f["silent"], f["silent_largest_mV"]));
        }
    }

    // A hundred times nearer: what is left is the rounding of the trace and of the numbers.
    [Theory]
    [MemberData(nameof(Membranes))]
    public void Fit_ExactWithoutNoise_IsAsGoodAsSinglePrecision(double rate, double gain, double rest, double threshold)
    {
        var f = Numbers([Membrane(1, rate, gain, rest, threshold)], new() { Exact = true })[0];
        Assert.Equal(Math.Log(rate), f["log_rate"], 2e-6);
        Assert.Equal(Math.Log(gain), f["log_gain"], 2e-6);
        Assert.Equal(Math.Log(gain / rate), f["log_resistance"], 2e-6);
        Assert.Equal(rest, f["rest_mV"], 1e-5);
    }

    [Fact]
    public void Fit_ExactWithNoise_IsTheSameButForMuchLessThanTheNoise()
    {
        float[][] traces = [.. Enumerable.Range(0, 20).Select(i => Membrane(i, 0.01, 0.002, 4, 25, noise: 0.1))];
        foreach (var (parabola, quartic) in Numbers(traces).Zip(Numbers(traces, new() { Exact = true })))
        {
            Assert.Equal(parabola["log_rate"], quartic["log_rate"], 0.1 * Math.Exp(parabola["log_rate_sd"]));
            Assert.Equal(parabola["log_gain"], quartic["log_gain"], 0.1 * Math.Exp(parabola["log_gain_sd"]));
            Assert.Equal(parabola["log_rate_sd"], quartic["log_rate_sd"], 0.1);
        }
    }

    [Fact]
    public void Fit_Noise_ErrorsAreWhatTheDeviationsSay()
    {
        const int Traces = 60;
        var (rate, gain, rest) = (0.01, 0.002, 4.0);
        var rows = Numbers([.. Enumerable.Range(0, Traces).Select(i => Membrane(i, rate, gain, rest, 25, noise: 0.4))]);
        Check("log_rate", Math.Log(rate), "log_rate_sd");
        Check("log_gain", Math.Log(gain), "log_gain_sd");
        Check("log_resistance", Math.Log(gain / rate), "log_resistance_sd");
        Check("rest_mV", rest, "log_rest_sd");
        Assert.Equal(0.4, rows.Average(f => Math.Exp(f["log_noise_sd"])), 0.03);

        // The mean of 60 squares of standard normal numbers is within 4 deviations of 1; their mean within 4 / sqrt(60) of 0.
        void Check(string name, double truth, string deviation)
        {
            var z = rows.Select(f => (f[name] - truth) / Math.Exp(f[deviation])).ToArray();
            Assert.InRange(z.Average(v => v * v), 0.3, 1.8);
            Assert.InRange(z.Average(), -0.52, 0.52);
        }
    }

    [Fact]
    public void Transform_AnyTrace_IsTheSameThroughOnnx()
    {
        var silent = new float[2 * Samples];
        var cut = Membrane(5, 0.01, 0.002, 1, 10);
        for (var t = 0; t < Samples; t++)
            (silent[(2 * t) + 1], cut[2 * t]) = (50, t > 90 ? float.NaN : cut[2 * t]);
        var short_ = Membrane(6, 0.01, 0.002, 1, 10);
        for (var t = 900; t < Samples; t++)
            short_[2 * t] = short_[(2 * t) + 1] = float.NaN;
        var rows = Numbers([
            silent,
            cut,
            short_,
            .. Enumerable.Range(0, 20).Select(i => Membrane(10 + i, 0.002 * (1 + i), 0.002, 3, 12 + i, noise: 0.02 * i)),
        ]);
        // Nothing but the pulse where there are too few blocks.
        Assert.Equal(0, rows[1]["log_rate"]);
        Assert.Equal(0, rows[1]["log_noise_sd"]);
        Assert.All(rows.SelectMany(row => row.Values), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Fit_OneChannelOrTooShort_IsRefused()
    {
        Assert.Equal(
            "membrane-fit: found traces of 1 channel(s); expected voltage and stimulus, "
                + "from 'channels: {columns: [voltage, stimulus]}' with dataset.trace.stimulus: true",
            Assert.Throws<ArgumentException>(() => Fit(new TraceShape(400, 1), new float[400])).Message
        );
        Assert.Equal(
            "membrane-fit: found traces of 100 samples; expected at least 6 blocks of 20",
            Assert.Throws<ArgumentException>(() => Fit(new TraceShape(100, 2), new float[200])).Message
        );
    }

    private static void Fit(TraceShape shape, float[] trace)
    {
        var data = TraceRows.View(shape, trace);
        _ = new MembraneFitEstimator(new MLContext(1), TraceRows.Trace, TraceRows.Output, new()).Fit(data);
    }

    private static List<Dictionary<string, float>> Numbers(float[][] traces, MembraneFitOptions? options = null)
    {
        var data = TraceRows.View(Shape, traces);
        var fitted = new MembraneFitEstimator(new MLContext(1), TraceRows.Trace, TraceRows.Output, options ?? new()).Fit(data);
        string[] names = [.. MembraneNumbers.Names];
        return [.. TraceRows.Scores(fitted, data).Select(row => names.Zip(row).ToDictionary(p => p.First, p => p.Second))];
    }

    /// <summary>A membrane under a pulse of 50 pA, then a current that wanders; a crossing is cut for 33 samples, and ends at 0.</summary>
    private static float[] Membrane(int seed, double rate, double gain, double rest, double threshold, double noise = 0)
    {
        var random = new GlifMl.Simulation.SeededRandom((ulong)seed, "membrane", 0);
        var (trace, v, current, cut) = (new float[2 * Samples], 0.0, 0.0, 0);
        var scale = 15 * rate / gain;
        for (var t = 0; t < Samples; t++)
        {
            current = t < 200 ? 50 : (0.97 * (current - scale)) + (0.25 * scale * random.NextGaussian()) + scale;
            var next = v + (gain * current) + (rate * (rest - v));
            if (cut == 0 && next > threshold)
                cut = 33;
            v = cut > 0 ? 0 : next;
            trace[2 * t] = cut > 1 ? float.NaN : (float)(v + (noise * random.NextGaussian()));
            trace[(2 * t) + 1] = (float)current;
            cut = Math.Max(0, cut - 1);
        }

        return trace;
    }
}
