using GlifMl.Estimators;
using Microsoft.ML;

namespace GlifMl.Tests.Estimators;

public sealed class NoiseTests
{
    private const int Samples = 4000;

    [Fact]
    public void Transform_Noise_HasTheDeviationAskedForOnTheVoltageAlone()
    {
        var data = Data(5);
        var noisy = Read(new NoiseOptions { SdMv = 0.5 }, data);
        foreach (var row in noisy)
        {
            var voltage = row.Where((_, i) => i % 2 == 0).Where(v => !float.IsNaN(v)).ToArray();
            Assert.Equal(Samples - 1, voltage.Length);
            // Four standard errors of a mean and of a deviation over 4,000 samples.
            Assert.Equal(10, voltage.Average(), 4 * 0.5 / Math.Sqrt(Samples));
            Assert.Equal(0.5, Math.Sqrt(voltage.Average(v => (v - 10) * (v - 10))), 4 * 0.5 / Math.Sqrt(2 * Samples));
            Assert.All(row.Where((_, i) => i % 2 == 1), i => Assert.Equal(50, i));
        }

        Assert.NotEqual(noisy[0], noisy[1]);
    }

    [Fact]
    public void Transform_Row_IsTheSameInEveryPassAndOrder()
    {
        var data = Data(20);
        var view = new NoiseEstimator("Trace", new NoiseOptions { Seed = 3 }).Fit(data).Transform(data);
        var first = Onnx.TestRows.Read(view, "Trace");
        Assert.Equal(first, Onnx.TestRows.Read(view, "Trace"));
        Assert.Equal(first[7], Onnx.TestRows.Read(new MLContext(1).Data.SkipRows(view, 7), "Trace")[0]);
        Assert.Equal(
            first.Select(r => r[0]).Order(),
            Onnx.TestRows.Read(new MLContext(1).Data.ShuffleRows(view, 5), "Trace").Select(r => r[0]).Order()
        );
        Assert.NotEqual(first[0], Read(new NoiseOptions { Seed = 4 }, data)[0]);
    }

    [Fact]
    public void Transform_Step_RoundsToItsMultiples() =>
        Assert.All(
            Read(new NoiseOptions { SdMv = 0, StepMv = 0.3 }, Data(1))[0].Where((v, i) => i % 2 == 0 && !float.IsNaN(v)),
            v => Assert.Equal(9.9f, v)
        );

    [Fact]
    public void Transform_DriftAlone_BeginsAtRestAndIsSmooth()
    {
        var rows = Read(new NoiseOptions { SdMv = 0, DriftMv = 2 }, Data(200));
        var ends = rows.Select(r => (double)r[^2] - 10).ToArray();
        Assert.All(rows, r => Assert.Equal(10, r[0], 1e-4));
        // Four standard errors of a deviation over 200 rows.
        Assert.Equal(2, Math.Sqrt(ends.Average(e => e * e)), 4 * 2 / Math.Sqrt(2 * 200));
        foreach (var row in rows)
        {
            var voltage = row.Where((v, i) => i % 2 == 0 && !float.IsNaN(v)).ToArray();
            Assert.All(voltage.Zip(voltage.Skip(1)), pair => Assert.Equal(pair.First, pair.Second, 0.02));
        }
    }

    [Fact]
    public void Transform_GainError_IsOneOfATracesCurrent()
    {
        var gains = Read(new NoiseOptions { SdMv = 0, CurrentGainSd = 0.02 }, Data(400))
            .Select(row => Assert.Single(row.Where((_, i) => i % 2 == 1).Distinct()) / 50.0 - 1)
            .ToArray();
        Assert.Equal(0.02, Math.Sqrt(gains.Average(g => g * g)), 4 * 0.02 / Math.Sqrt(2 * 400));
    }

    [Fact]
    public void Transform_RangeOfDeviations_GivesEachTraceItsOwn()
    {
        var deviations = Read(new NoiseOptions { SdMv = 0.1, MostSdMv = 0.5 }, Data(300))
            .Select(row => Math.Sqrt(row.Where((v, i) => i % 2 == 0 && !float.IsNaN(v)).Average(v => (v - 10.0) * (v - 10))))
            .ToArray();
        Assert.All(deviations, sd => Assert.InRange(sd, 0.09, 0.55));
        Assert.Equal(Math.Sqrt(0.05), deviations.Order().ElementAt(150), 0.04);
    }

    [Fact]
    public void Transform_Columns_TheNoisyOneStandsInForTheClean()
    {
        var data = Data(1);
        var view = new NoiseEstimator("Trace", new NoiseOptions()).Fit(data).Transform(data);
        using var cursor = view.GetRowCursor([view.Schema["Trace"]]);
        Assert.Same(view.Schema, cursor.Schema);
        Assert.True(view.Schema[0].IsHidden);
        Assert.Equal(data.Schema["Trace"].Type, view.Schema["Trace"].Type);
        Assert.False(cursor.IsColumnActive(view.Schema["Label"]));
        Assert.StartsWith(
            "column 'Label': found inactive; expected one of the cursor's active columns",
            Assert.Throws<ArgumentException>(() => cursor.GetGetter<Microsoft.ML.Data.VBuffer<float>>(view.Schema["Label"])).Message,
            StringComparison.Ordinal
        );
    }

    private static List<float[]> Read(NoiseOptions options, IDataView data) =>
        Onnx.TestRows.Read(new NoiseEstimator("Trace", options).Fit(data).Transform(data), "Trace");

    private static IDataView Data(int rows) =>
        TraceRows.View(
            new TraceShape(Samples, 2),
            [
                .. Enumerable
                    .Range(0, rows)
                    .Select(_ =>
                        Enumerable
                            .Range(0, 2 * Samples)
                            .Select(i =>
                                i == 8 ? float.NaN
                                : i % 2 == 0 ? 10f
                                : 50f
                            )
                            .ToArray()
                    ),
            ]
        );
}
