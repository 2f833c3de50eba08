using CsCheck;
using GlifMl.Estimators;
using Microsoft.ML;

namespace GlifMl.Tests.Estimators;

/// <summary>channels, crop, resample, scale-trace and block-reduce: what they do, in process and in ONNX.</summary>
public sealed class TraceTransformTests
{
    private const float N = float.NaN;
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Crop_Stretch_IsKept()
    {
        var data = TraceRows.View(new TraceShape(5, 2), [0, 10, 1, 11, 2, 12, 3, 13, N, 14], [0, 0, 5, 5, 6, 6, 7, 7, 8, 8]);
        var fitted = new CropEstimator(_ml, "Trace", "Output", new CropOptions { Start = 1, Samples = 3 }).Fit(data);
        Assert.Equal(
            [
                [1, 11, 2, 12, 3, 13],
                [5, 5, 6, 6, 7, 7],
            ],
            TraceRows.Scores(fitted, data)
        );
        Assert.Equal(
            [
                [3, 13, N, 14],
                [7, 7, 8, 8],
            ],
            TraceRows.Scores(new CropEstimator(_ml, "Trace", "Output", new CropOptions { Start = 3 }).Fit(data), data)
        );
    }

    [Theory]
    [InlineData(3, 3, "crop: found traces of 5 samples; expected at least 6, for 3 from sample 3 on")]
    [InlineData(5, null, "crop: found traces of 5 samples; expected at least 6, for 1 from sample 5 on")]
    public void Crop_BeyondTheTrace_SaysSo(int start, int? samples, string message)
    {
        var data = TraceRows.View(new TraceShape(5, 1), [0, 1, 2, 3, 4]);
        Assert.Equal(
            message,
            Assert
                .Throws<ArgumentException>(() =>
                    new CropEstimator(_ml, "Trace", "Output", new CropOptions { Start = start, Samples = samples }).Fit(data)
                )
                .Message
        );
    }

    [Fact]
    public void Resample_Boxes_AreMeansOfWhatIsThere()
    {
        var data = TraceRows.View(new TraceShape(7, 1), [1, 3, N, 5, N, N, 9], [0, 0, 0, 1, 2, 4, 9]);
        var fitted = new ResampleEstimator(_ml, "Trace", "Output", new ResampleOptions { Factor = 2 }).Fit(data);
        Assert.Equal(
            [
                [2, 5, N],
                [0, 0.5f, 3],
            ],
            TraceRows.Scores(fitted, data)
        );
    }

    [Fact]
    public void Resample_Twice_IsResampleByTheProduct() =>
        Gen.Int[-64, 64]
            .Select(i => i / 4f)
            .Array[24]
            .Sample(
                trace =>
                {
                    var data = TraceRows.View(new TraceShape(12, 2), trace);
                    var once = new ResampleEstimator(_ml, "Trace", "Output", new ResampleOptions { Factor = 4 }).Fit(data).Transform(data);
                    var half = new ResampleEstimator(_ml, "Trace", "Half", new ResampleOptions { Factor = 2 }).Fit(data).Transform(data);
                    var quarter = new ResampleEstimator(_ml, "Half", "Output", new ResampleOptions { Factor = 2 })
                        .Fit(half)
                        .Transform(half);
                    // Quarters of small integers and halvings: exact in single precision.
                    Assert.Equal(Onnx.TestRows.Read(once, "Output"), Onnx.TestRows.Read(quarter, "Output"));
                },
                iter: 50
            );

    [Fact]
    public void Resample_TraceShorterThanABox_SaysSo()
    {
        var data = TraceRows.View(new TraceShape(3, 1), [0, 1, 2]);
        var e = Assert.Throws<ArgumentException>(() =>
            new ResampleEstimator(_ml, "Trace", "Output", new ResampleOptions { Factor = 4 }).Fit(data)
        );
        Assert.Equal("resample: found traces of 3 samples; expected at least one box of 4", e.Message);
    }

    [Fact]
    public void ScaleTrace_FixedAndAsinh_FollowTheirFormulas()
    {
        var data = TraceRows.View(new TraceShape(2, 2), [1, 100, N, -300]);
        ScaleTraceTransformer Fit(ScaleTraceMode mode) =>
            new ScaleTraceEstimator(
                _ml,
                "Trace",
                "Output",
                new ScaleTraceOptions
                {
                    Mode = mode,
                    Offset = [1, 0],
                    Scale = [2, 100],
                }
            ).Fit(data);
        Assert.Equal(
            [
                [0, 1, N, -3],
            ],
            TraceRows.Scores(Fit(ScaleTraceMode.Fixed), data)
        );
        TraceRows.AssertClose(
            [
                [0, MathF.Asinh(100) / 100, N, MathF.Asinh(-300) / 100],
            ],
            TraceRows.Scores(Fit(ScaleTraceMode.Asinh), data),
            1e-6
        );
    }

    [Fact]
    public void ScaleTrace_Standardise_LeavesMeanZeroAndDeviationOneInEachChannel()
    {
        var random = new GlifMl.Simulation.SeededRandom(3, "scale-trace");
        float[][] traces =
        [
            .. Enumerable
                .Range(0, 20)
                .Select(r =>
                    Enumerable
                        .Range(0, 60)
                        .Select(i =>
                            r == 4 && i > 30 ? N
                            : i % 2 == 0 ? (float)(1e4 + random.NextGaussian())
                            : (float)(7 * random.NextGaussian())
                        )
                        .ToArray()
                ),
        ];
        var data = TraceRows.View(new TraceShape(30, 2), traces);
        var scaled = TraceRows.Scores(
            new ScaleTraceEstimator(_ml, "Trace", "Output", new ScaleTraceOptions { Mode = ScaleTraceMode.Standardise }).Fit(data),
            data,
            tolerance: 1e-4
        );
        for (var channel = 0; channel < 2; channel++)
        {
            var values = scaled.SelectMany(row => row.Where((_, i) => i % 2 == channel)).Where(v => !float.IsNaN(v)).ToArray();
            Assert.Equal(0, values.Average(), 1e-3);
            Assert.Equal(1, Math.Sqrt(values.Average(v => (double)v * v)), 1e-3);
        }
    }

    [Fact]
    public void ScaleTrace_WrongNumbersOrConstantChannel_SaysSo()
    {
        var data = TraceRows.View(new TraceShape(2, 3), [1, 2, 3, 1, 5, 6]);
        var e = Assert.Throws<ArgumentException>(() =>
            new ScaleTraceEstimator(_ml, "Trace", "Output", new ScaleTraceOptions { Scale = [1, 2] }).Fit(data)
        );
        Assert.Equal("scale-trace: found 2 numbers for scale; expected 1 or 3, one a channel", e.Message);
        var constant = Assert.Throws<InvalidDataException>(() =>
            new ScaleTraceEstimator(_ml, "Trace", "Output", new ScaleTraceOptions { Mode = ScaleTraceMode.Standardise }).Fit(data)
        );
        Assert.Equal(
            "scale-trace: found channel 0 of 'Trace' the same at all 2 samples; expected it to vary, because its mode is standardise",
            constant.Message
        );
    }

    [Fact]
    public void BlockReduce_MeansChangesAndCuts_AreThoseOfTheBlocks()
    {
        var data = TraceRows.View(new TraceShape(7, 1), [1, N, 5, N, N, N, 9], [0, 1, 2, 2, 4, 7, 9]);
        var options = new BlockReduceOptions
        {
            Size = 3,
            Change = true,
            CutFraction = true,
        };
        var third = 1f / 3;
        TraceRows.AssertClose(
            [
                [3, 4, third, 0, 0, 1],
                [1, 2, 0, 13f / 3, 5, 0],
            ],
            TraceRows.Scores(new BlockReduceEstimator(_ml, "Trace", "Output", options).Fit(data), data),
            1e-6
        );
    }

    [Fact]
    public void BlockReduce_MeansAlone_OfABlockSizeThatDividesTheTrace_KeepTheTracesMean() =>
        Gen.Float[-100, 100]
            .Array[24]
            .Sample(
                trace =>
                {
                    var data = TraceRows.View(new TraceShape(24, 1), trace);
                    var blocks = TraceRows.Scores(
                        new BlockReduceEstimator(_ml, "Trace", "Output", new BlockReduceOptions { Size = 6 }).Fit(data),
                        data,
                        tolerance: 1e-4
                    );
                    Assert.Equal(trace.Average(), blocks[0].Average(), 1e-3f);
                },
                iter: 20
            );

    [Fact]
    public void BlockReduce_TraceShorterThanABlock_SaysSo()
    {
        var data = TraceRows.View(new TraceShape(3, 1), [0, 1, 2]);
        var e = Assert.Throws<ArgumentException>(() =>
            new BlockReduceEstimator(_ml, "Trace", "Output", new BlockReduceOptions { Size = 4 }).Fit(data)
        );
        Assert.Equal("block-reduce: found traces of 3 samples; expected at least one block of 4", e.Message);
    }

    [Fact]
    public void Channels_TwoTraces_AlternateSampleBySample()
    {
        var data = TraceRows.View(
            new TraceShape(2, 1),
            [
                [1, 2],
                [N, 4],
            ],
            [
                [10, 20],
                [30, 40],
            ]
        );
        Assert.Equal(
            [
                [1, 10, 2, 20],
                [N, 30, 4, 40],
            ],
            TraceRows.Scores(new ChannelsEstimator(_ml, ["Trace", "Label"], "Output").Fit(data), data)
        );
    }

    [Fact]
    public void Channels_MissingOrUnequalTraces_SaysSo()
    {
        var data = TraceRows.View(
            new TraceShape(2, 1),
            [
                [1, 2],
            ],
            [
                [1, 2, 3],
            ]
        );
        Assert.Equal(
            "channels: found no column 'StimulusPa'; expected it, which dataset.trace.stimulus: true gives",
            Assert.Throws<ArgumentException>(() => new ChannelsEstimator(_ml, ["Trace", "StimulusPa"], "Output").Fit(data)).Message
        );
        Assert.Equal(
            "channels: found traces of 2 and 3 samples; expected the same number of each",
            Assert.Throws<ArgumentException>(() => new ChannelsEstimator(_ml, ["Trace", "Label"], "Output").Fit(data)).Message
        );
    }

    [Fact]
    public void TraceShape_ColumnThatIsNoTrace_SaysSo()
    {
        var data = _ml.Data.LoadFromEnumerable([new { Name = "x" }]);
        var e = Assert.Throws<ArgumentException>(() => TraceShape.Of(data.Schema["Name"]));
        Assert.StartsWith(
            "column 'Name': found String; expected a trace: a vector of Single of known size",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(new TraceShape(3, 2), TraceShape.Of(TraceRows.View(new TraceShape(3, 2), new float[6]).Schema["Trace"]));
    }
}
