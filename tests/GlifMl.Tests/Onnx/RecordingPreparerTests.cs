using CsCheck;
using GlifMl.Onnx;

namespace GlifMl.Tests.Onnx;

public sealed class RecordingPreparerTests
{
    private const float NaN = float.NaN;

    [Fact]
    public void Prepare_AbsoluteRecording_BeginsAtOnsetAndMeasuresFromRest()
    {
        var prepared = Prepare(Info(3), [-70, -72, -71, -71, -60, -50, -40], [0, 0, 0, 0, 10, 10, 0]);

        Assert.Equal([11, 21, 31], prepared.VoltageMv);
        Assert.Equal([10, 10, 0], prepared.StimulusPa!);
        Assert.Equal(-71, prepared.RestMv);
        Assert.Equal(
            [
                "begun at the stimulus onset, 0.004 s: 4 samples without current before it dropped",
                "voltages measured from rest, -71 mV: the median of 4 samples before the stimulus",
            ],
            prepared.Notes
        );
    }

    [Fact]
    public void Prepare_EvenCountBeforeOnset_TakesMiddleOfTheTwoMiddleOnes() =>
        Assert.Equal(-71.5, Prepare(Info(1), [-71, -72, -90, -60, 0], [0, 0, 0, 0, 1]).RestMv);

    [Fact]
    public void Prepare_StartAndRestGiven_AreUsed()
    {
        var prepared = Prepare(Info(2), [-70, -69, -68, -67], null, new RecordingOptions { StartSeconds = 1e-3, RestMv = -70 });
        Assert.Equal([1, 2], prepared.VoltageMv);
        Assert.Null(prepared.StimulusPa);
        Assert.Equal(
            [
                "begun at 0.001 s, as asked for",
                "voltages measured from the given resting potential, -70 mV",
                "0.001 s after the model's 2 samples not used",
            ],
            prepared.Notes
        );
    }

    [Fact]
    public void Prepare_IntervalInRange_IsKept()
    {
        var info = Info(3) with { SamplingIntervalMinimumSeconds = 0.5e-3, SamplingIntervalMaximumSeconds = 2e-3 };
        Assert.Equal(1e-3, Prepare(info, [1, 2, 3], null).SamplingIntervalSeconds);
    }

    [Fact]
    public void Prepare_IntervalTooLong_IsInterpolatedToTheLongest()
    {
        var info = Info(5) with { SamplingIntervalMinimumSeconds = 0.1e-3, SamplingIntervalMaximumSeconds = 0.5e-3 };
        var prepared = Prepare(info, [0, 2, 6], null);
        Assert.Equal([0, 1, 2, 4, 6], prepared.VoltageMv);
        Assert.Contains("resampled from 0.001 s to 0.0005 s a sample (linear interpolation)", prepared.Notes);
    }

    [Fact]
    public void Prepare_IntervalTooShort_IsAveragedOverTheShortest()
    {
        var info = Info(3) with { SamplingIntervalMinimumSeconds = 2e-3, SamplingIntervalMaximumSeconds = 3e-3 };
        // Means of the line through the samples over [0, 1], [1, 3] and [3, 5] ms.
        var prepared = Prepare(info, [0, 4, 0, 4, 0, 4], null);
        Assert.Equal([2, 2, 2], prepared.VoltageMv);
        Assert.Contains("resampled from 0.001 s to 0.002 s a sample (mean over each new interval)", prepared.Notes);
    }

    [Theory]
    [InlineData(SpikeCutHandling.Drop, new float[] { 1, 4, 5 }, "2 missing samples dropped, as spike cuts were in training")]
    [InlineData(SpikeCutHandling.Keep, new float[] { 1, NaN, NaN }, "2 missing samples kept, as spike cuts were in training")]
    [InlineData(SpikeCutHandling.Fill, new float[] { 1, -9, -9 }, "2 missing samples set to -9 mV, as spike cuts were in training")]
    [InlineData(SpikeCutHandling.None, new float[] { 1, 2, 3 }, "2 missing samples interpolated, in 1 places")]
    public void Prepare_MissingSamples_BecomeWhatSpikeCutsWere(SpikeCutHandling handling, float[] expected, string note)
    {
        var prepared = Prepare(Info(3) with { SpikeCuts = handling, SpikeCutFillMv = -9 }, [1, NaN, NaN, 4, 5], [1, 2, 3, 4, 5]);
        Assert.Equal(expected, prepared.VoltageMv);
        Assert.Equal(handling == SpikeCutHandling.Drop ? [1, 4, 5] : [1, 2, 3], prepared.StimulusPa!);
        Assert.Contains(note, prepared.Notes);
    }

    [Fact]
    public void Prepare_LongGapAfterWhatTheModelReads_DoesNotMatter() =>
        Assert.Equal([1, 2], Prepare(Info(2), [1, 2, 3, 4, NaN, NaN, NaN, NaN, NaN, NaN, 5], null).VoltageMv);

    [Theory]
    [InlineData(1e-3)]
    [InlineData(4e-3)]
    public void Prepare_StartAmongMissingSamplesAtTheEnd_IsTooShort(double interval)
    {
        var info = Info(2) with { SamplingIntervalMinimumSeconds = interval, SamplingIntervalMaximumSeconds = interval };
        var e = Assert.Throws<InvalidDataException>(() =>
            Prepare(info, [1, 2, NaN, NaN], null, new RecordingOptions { StartSeconds = 3e-3, RestMv = 0 })
        );
        Assert.EndsWith("from the start at 0.003 s, found 0 s (0 samples)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_OneSampleAveraged_IsThatSample() =>
        Assert.Equal(
            [5],
            Prepare(Info(1) with { SamplingIntervalMinimumSeconds = 4e-3, SamplingIntervalMaximumSeconds = 4e-3 }, [5], null).VoltageMv
        );

    [Fact]
    public void Prepare_InputOutsideTraining_IsMeasuredInDeviations()
    {
        var info = Info(3) with
        {
            VoltageRanges = TraceRanges.Of([new(1, 1, 0, 2), new(3, 1, 0, 2)]),
            StimulusRanges = TraceRanges.Of([new(2, 1, 1, 3)]),
        };
        var measures = Prepare(info, [10, 12, 14], [1, 2, 3]).OutOfRange;

        Assert.Equal(8, measures.Count);
        var mean = measures[0];
        Assert.Equal(("mean voltage", "mV", 12.0, 10.0, true), (mean.Statistic, mean.Unit, mean.Value, mean.Deviations, mean.IsOutside));
        Assert.Equal(
            ("mean current", "pA", 2.0, 0.0, false),
            (measures[4].Statistic, measures[4].Unit, measures[4].Value, measures[4].Deviations, measures[4].IsOutside)
        );
    }

    [Fact]
    public void Prepare_BadRecording_OneClearLine()
    {
        AssertInvalid(
            "recording: expected 0.004 s (4 samples of 0.001 s) from the start at 0.001 s, found 0.002 s (2 samples)",
            Info(4),
            [0, 1, 2],
            [0, 1, 1]
        );
        AssertInvalid(
            "recording: the model reads the stimulus; expected the injected current, found none",
            Info(2) with
            {
                Inputs = ["VoltageMv", "StimulusPa"],
            },
            [1, 2],
            null
        );
        AssertInvalid("recording: expected a stimulus, found no current in 0.002 s (2 samples)", Info(2), [1, 2], [0, 0]);
        AssertInvalid("recording: expected as much current as voltage (2 samples), found 1", Info(2), [1, 2], [1]);
        AssertInvalid("recording: expected a finite current, found NaN at sample 1", Info(2), [1, 2], [1, NaN]);
        AssertInvalid(
            "recording: expected a finite voltage or NaN, found Infinity at sample 1",
            Info(2),
            [1, float.PositiveInfinity],
            null
        );
        AssertInvalid("recording: expected voltage, found none in 2 samples", Info(2), [NaN, NaN], null);
        AssertInvalid("recording: expected voltage, found none in 0 samples", Info(2), [], null);
        AssertInvalid(
            "recording: expected a start within its 0.002 s, found 5 s",
            Info(2),
            [1, 2],
            null,
            new RecordingOptions { StartSeconds = 5 }
        );
        AssertInvalid(
            "recording: expected gaps of at most 0.005 s between samples, found 0.006 s (6 samples) without voltage from 0.001 s on",
            Info(4),
            [1, NaN, NaN, NaN, NaN, NaN, NaN, 2],
            null
        );
        AssertInvalid(
            "recording: expected gaps of at most 0.005 s between samples, found 0.001 s (1 samples) without voltage from 0 s on",
            Info(2),
            [NaN, 1, 2],
            null
        );
        AssertInvalid(
            "recording: the model reads absolute voltages; found voltages measured from rest",
            Info(2) with
            {
                VoltageReference = VoltageReference.Absolute,
            },
            [1, 2],
            null
        );
        Assert.Equal(
            "recording: expected a positive sampling interval, found 0 s",
            Assert.Throws<InvalidDataException>(() => new RecordingPreparer(Info(2)).Prepare(new Recording(0, [1]))).Message
        );
        Assert.Equal(
            "recording: the model reads voltages measured from rest; expected samples before the stimulus to find rest from, or the resting potential, found a stimulus from 0 s on",
            Assert.Throws<InvalidDataException>(() => new RecordingPreparer(Info(2)).Prepare(new Recording(1e-3, [-70, -60]))).Message
        );
    }

    [Fact]
    public void Prepare_RealRecording_GivesTheStepFromRest()
    {
        var rows = File.ReadLines(Repository("datasets/recordings/569469018_sweep44.csv"))
            .Skip(1)
            .Select(l => l.Split(',').Select(float.Parse).ToArray())
            .ToArray();
        var info = Info(50_000) with { SamplingIntervalMinimumSeconds = 2e-5, SamplingIntervalMaximumSeconds = 2e-5 };

        var prepared = new RecordingPreparer(info).Prepare(new Recording(1e-4, [.. rows.Select(r => r[2])], [.. rows.Select(r => r[1])]));

        Assert.InRange(prepared.RestMv!.Value, -75, -68);
        Assert.InRange(prepared.VoltageMv[0], -1, 1);
        Assert.NotEqual(0, prepared.StimulusPa![0]);
        Assert.Contains(prepared.Notes, n => n.StartsWith("begun at the stimulus onset, 0.205 s", StringComparison.Ordinal));
    }

    [Fact]
    public void Resampler_StraightLine_StaysTheSameLine() =>
        Gen.Select(Gen.Float[-100, 100], Gen.Float[-10, 10], Gen.Double[0.05, 9], Gen.Double[0, 50])
            .Sample(
                (offset, slope, step, place) =>
                {
                    var line = Enumerable.Range(0, 200).Select(i => offset + slope * i).ToArray();
                    var value = new Resampler(line, step)[50 + place];
                    Assert.InRange(value, offset + slope * (50 + place) - 1e-3, offset + slope * (50 + place) + 1e-3);
                }
            );

    [Fact]
    public void Resampler_OldInterval_GivesTheSamplesBack() =>
        Gen.Float[-100, 100]
            .Array[1, 50]
            .Sample(trace =>
            {
                var resampler = new Resampler(trace, 1);
                Assert.Equal(trace.Length, resampler.CountFrom(0));
                Assert.Equal(trace, Enumerable.Range(0, trace.Length).Select(i => resampler[i]));
            });

    [Fact]
    public void Resampler_AnyTrace_StaysWithinItsExtremesAndKeepsMissingLocal() =>
        Gen.Select(Gen.Float[-100, 100].Array[20, 60], Gen.Double[0.1, 6], Gen.Int[5, 14])
            .Sample(
                (trace, step, missing) =>
                {
                    var (low, high) = (trace.Min(), trace.Max());
                    trace[missing] = NaN;
                    var resampler = new Resampler(trace, step);
                    for (var k = 0; k < resampler.CountFrom(0); k++)
                    {
                        var (value, reach) = (resampler[k * step], 1 + step / 2 + 1e-5);
                        if (Math.Abs(k * step - missing) >= reach)
                            Assert.InRange(value, low - 1e-3f, high + 1e-3f);
                        else if (Math.Abs(k * step - missing) < Math.Max(step / 2, 1e-7))
                            Assert.True(float.IsNaN(value));
                    }
                }
            );

    [Fact]
    public void Prepare_DropAndFill_NeverLeaveMissingSamples() =>
        Gen.Select(Gen.Frequency((4, Gen.Float[-90, 40]), (1, Gen.Const(NaN))).Array[60], Gen.Bool, Gen.Double[0.3e-3, 3e-3])
            .Sample(
                (trace, drop, interval) =>
                {
                    trace[0] = 0;
                    var info = Info(5) with
                    {
                        SpikeCuts = drop ? SpikeCutHandling.Drop : SpikeCutHandling.Fill,
                        SamplingIntervalMinimumSeconds = interval,
                        SamplingIntervalMaximumSeconds = interval,
                    };
                    try
                    {
                        Assert.DoesNotContain(NaN, Prepare(info, trace, null).VoltageMv);
                    }
                    catch (InvalidDataException e)
                    {
                        Assert.StartsWith("recording: expected ", e.Message, StringComparison.Ordinal);
                    }
                }
            );

    private static OnnxModelInfo Info(int samples) => TestModels.Info() with { Samples = samples };

    // Voltages whose stimulus has no samples before it are given as measured from rest.
    private static PreparedRecording Prepare(OnnxModelInfo info, float[] voltage, float[]? current, RecordingOptions? options = null) =>
        new RecordingPreparer(info).Prepare(
            new Recording(1e-3, voltage, current, IsAbsolute: options?.RestMv is not null || current?[0] == 0),
            options
        );

    private static void AssertInvalid(
        string message,
        OnnxModelInfo info,
        float[] voltage,
        float[]? current,
        RecordingOptions? options = null
    ) => Assert.Equal(message, Assert.Throws<InvalidDataException>(() => Prepare(info, voltage, current, options)).Message);

    private static string Repository(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GlifMl.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, path);
    }
}
