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
    public void Prepare_PulseThatIsAllTheModelWouldSee_IsPassedOver()
    {
        float[] current = [0, 0, 50, 50, .. new float[60], 80, 80, 80, 80];
        var voltage = Enumerable.Range(0, current.Length).Select(n => -70f + (n >= 64 ? n - 60 : 0)).ToArray();

        Assert.Equal([80, 80, 80], Prepare(Info(3), voltage, current).StimulusPa!);
        Assert.Equal(
            "begun where the current changes after the test pulse, 0.064 s: the model sees 0.003 s, and the pulse is 0.062 s before",
            Prepare(Info(3), voltage, current).Notes[0]
        );
        // A model that sees both was trained on such pulses; a start that is asked for is kept.
        Assert.Equal(50, Prepare(Info(63), voltage, current).StimulusPa![0]);
        Assert.Equal(50, Prepare(Info(3), voltage, current, new RecordingOptions { StartSeconds = 2e-3 }).StimulusPa![0]);
    }

    [Fact]
    public void Prepare_VoltagesOfNoMembrane_AreDoubted() =>
        Assert.Contains("voltages of -70 to 140 mV: is the gain right?", Prepare(Info(2), [-70, -70, 140, 0], [0, 0, 10, 10]).Doubts);

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
        Assert.StartsWith("recording: found 0 s (0 samples) from 0.003 s on", e.Message, StringComparison.Ordinal);
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
            "recording: found 0.002 s (2 samples) from 0.001 s on; expected 0.004 s (4 samples of 0.001 s)",
            Info(4),
            [-70, -69, -68],
            [0, 1, 1]
        );
        AssertInvalid(
            "recording: found no injected current; expected it, because the model reads the stimulus",
            Info(2) with
            {
                Inputs = ["VoltageMv", "StimulusPa"],
            },
            [1, 2],
            null
        );
        AssertInvalid("recording: found no current in 0.002 s (2 samples); expected a stimulus", Info(2), [1, 2], [0, 0]);
        AssertInvalid("recording: found no current in 0.002 s (2 samples); expected a stimulus", Info(2), [1, 2], [NaN, NaN]);
        AssertInvalid("recording: found 1 samples of current; expected as many as of voltage, 2", Info(2), [1, 2], [1]);
        AssertInvalid(
            "recording: found Infinity at sample 1; expected a finite current or NaN",
            Info(2),
            [1, 2],
            [1, float.PositiveInfinity]
        );
        AssertInvalid(
            "recording: found Infinity at sample 1; expected a finite voltage or NaN",
            Info(2),
            [1, float.PositiveInfinity],
            null
        );
        AssertInvalid("recording: found no voltage in 2 samples; expected some", Info(2), [NaN, NaN], null);
        AssertInvalid("recording: found no voltage in 0 samples; expected some", Info(2), [], null);
        AssertInvalid(
            "recording: found a start at 5 s; expected one from 0 to 0.001 s",
            Info(2),
            [1, 2],
            null,
            new RecordingOptions { StartSeconds = 5 }
        );
        AssertInvalid(
            "recording: found 0.006 s (6 samples) without voltage from 0.001 s on; expected gaps of at most 0.005 s between samples",
            Info(4),
            [1, NaN, NaN, NaN, NaN, NaN, NaN, 2],
            null
        );
        AssertInvalid(
            "recording: found 0.001 s (1 samples) without voltage from 0 s on; expected gaps of at most 0.005 s between samples",
            Info(2),
            [NaN, 1, 2],
            null
        );
        AssertInvalid(
            "recording: found voltages measured from rest; expected absolute ones, which the model reads",
            Info(2) with
            {
                VoltageReference = VoltageReference.Absolute,
            },
            [1, 2],
            null
        );
        Assert.Equal(
            "recording: found a sampling interval of 0 s; expected a positive one",
            Assert.Throws<InvalidDataException>(() => new RecordingPreparer(Info(2)).Prepare(new Recording(0, [1]))).Message
        );
        Assert.Equal(
            "recording: found a stimulus from 0 s on; expected samples before it to find rest from, or the resting potential, "
                + "because the model reads voltages measured from rest",
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
                        Assert.StartsWith("recording: found ", e.Message, StringComparison.Ordinal);
                    }
                }
            );

    [Theory]
    [InlineData(0, 4e-3)]
    [InlineData(-0.3, -0.296)]
    [InlineData(1234.5, 1234.504)]
    public void Prepare_RecordingWithItsOwnClock_CountsByIt(double first, double onset)
    {
        var recording = new Recording(1e-3, [-70, -72, -71, -71, -60, -50, -40], [0, 0, 0, 0, 10, 10, 0]) { StartSeconds = first };
        var preparer = new RecordingPreparer(Info(2));

        var found = preparer.Prepare(recording);
        var asked = preparer.Prepare(recording, new RecordingOptions { StartSeconds = onset + 1e-3 });

        Assert.Equal([11, 21], found.VoltageMv);
        Assert.Contains(
            Invariant.Text($"begun at the stimulus onset, {onset} s: 4 samples without current before it dropped"),
            found.Notes
        );
        Assert.Equal([21, 31], asked.VoltageMv);
        Assert.Contains(Invariant.Text($"begun at {onset + 1e-3:G10} s, as asked for"), asked.Notes);
        Assert.Equal(
            Invariant.Text($"recording: found a start at 77 s; expected one from {first} to {first + 6e-3:G10} s"),
            Assert.Throws<InvalidDataException>(() => preparer.Prepare(recording, new RecordingOptions { StartSeconds = 77 })).Message
        );
    }

    [Theory]
    // Rest found, or given as it was measured under the holding current: voltage and current are measured from the same state.
    [InlineData(null, -20.0)]
    [InlineData(-74.2, -20.0)]
    // Rest given as it is without current: voltage and current both keep what the holding current did.
    [InlineData(-70.0, 0.0)]
    public void Prepare_HoldingCurrent_IsSubtractedWhereRestWasMeasuredUnderIt(double? rest, double subtracted)
    {
        float[] current = [.. Enumerable.Repeat(-20f, 10), 80, 80, 80, -20, -20],
            voltage = [.. Enumerable.Repeat(-74f, 10), -70, -60, -50, -60, -70];

        var prepared = new RecordingPreparer(Info(4)).Prepare(
            new Recording(1e-3, voltage, current),
            new RecordingOptions { RestMv = rest }
        );

        var from = (float)(rest ?? -74);
        Assert.All(prepared.VoltageMv.Zip(voltage[10..14]), pair => Assert.Equal(pair.Second - from, pair.First, 1e-5));
        Assert.Equal(subtracted, prepared.HoldingPa);
        Assert.Equal([.. current[10..14].Select(c => c - (float)subtracted)], prepared.StimulusPa!);
        Assert.Equal(
            subtracted != 0
                ? "current measured from the holding current, -20 pA, under which that rest was"
                : "the holding current of -20 pA stays in the current: under it the median was -74 mV, not the given rest",
            prepared.Notes[^2]
        );
    }

    [Fact]
    public void Prepare_KnownCellHeldAtACurrent_IsReadAsWithout()
    {
        // V' = V + (I - V / R) dt / C: a linear membrane, so what it does above a steady state is what it does above rest.
        static (float[] Voltage, float[] Current) Cell(float holding)
        {
            var (voltage, current) = (new float[400], new float[400]);
            var v = holding * 0.2;
            for (var n = 0; n < 400; n++)
            {
                (voltage[n], current[n]) = ((float)(v - 70), holding + (n is >= 100 and < 300 ? 50 : 0));
                v += (current[n] - (v / 0.2)) * 0.01;
            }
            return (voltage, current);
        }

        var (free, held) = (Cell(0), Cell(-20));
        var preparer = new RecordingPreparer(Info(200));
        var (expected, found) = (
            preparer.Prepare(new Recording(1e-3, free.Voltage, free.Current)),
            preparer.Prepare(new Recording(1e-3, held.Voltage, held.Current))
        );

        Assert.Equal(expected.StimulusPa!, found.StimulusPa!);
        Assert.All(expected.VoltageMv.Zip(found.VoltageMv), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void Prepare_MeasuredCurrentWithNoise_FindsTheOnset()
    {
        var noise = new Random(1);
        float[] current =
            [.. Enumerable.Range(0, 400).Select(n => (float)(noise.NextDouble() - 0.5) - 20 + (n is >= 200 and < 300 ? 30 : 0))],
            voltage = [.. Enumerable.Repeat(-70f, 400)];
        var info = Info(100) with { SamplingIntervalMinimumSeconds = 1e-4, SamplingIntervalMaximumSeconds = 1e-4 };

        var prepared = new RecordingPreparer(info).Prepare(new Recording(1e-4, voltage, current));

        Assert.Equal(-20, prepared.HoldingPa, 0.3);
        Assert.Contains("begun at the stimulus onset, 0.02 s: 200 samples under the holding current before it dropped", prepared.Notes);
    }

    [Fact]
    public void Prepare_FileThatBeginsWithinAStep_HasNoRest()
    {
        var e = Assert.Throws<InvalidDataException>(() =>
            new RecordingPreparer(Info(4)).Prepare(new Recording(1e-3, [-60, -59, -58, -58, -65, -70], [100, 100, 100, 100, 0, 0]))
        );
        Assert.StartsWith("recording: found a stimulus from 0 s on; expected samples before it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_MissingCurrent_IsFilledAsTheCurrentAroundItSays()
    {
        // A row is lost under a step; the current is at its edge and unknown for a sample; the file ends in nothing.
        var prepared = Prepare(
            Info(6) with
            {
                SpikeCuts = SpikeCutHandling.Keep,
                Inputs = ["VoltageMv", "StimulusPa"],
            },
            [-70, -70, -69, NaN, -67, -66, NaN, -64, NaN, NaN],
            [0, 0, 50, NaN, 50, NaN, 100, 100, NaN, NaN]
        );
        Assert.Equal([50, 50, 50, 75, 100, 100], prepared.StimulusPa!);
        // Without voltage and current a sample was lost; without voltage alone it was cut by a spike.
        Assert.Equal([1, 2, 3, 4, NaN, 6], prepared.VoltageMv);
        Assert.Contains("2 lost samples interpolated, in 2 places", prepared.Notes);
        Assert.Contains("2 samples without voltage and current at the end left out", prepared.Notes);
    }

    [Fact]
    public void Prepare_LongGapOfVoltageAndCurrent_IsNoSpikeCut()
    {
        float[] gap = [.. Enumerable.Repeat(NaN, 7)];
        AssertInvalid(
            "recording: found 0.007 s (7 samples) without voltage and current from 0.003 s on; "
                + "expected gaps of at most 0.005 s between samples",
            Info(6) with
            {
                SpikeCuts = SpikeCutHandling.Keep,
            },
            [-70, -70, -69, .. gap, -68],
            [0, 0, 50, .. gap, 50]
        );
    }

    [Fact]
    public void Prepare_ZerosAndNothingAfterTheModelsSamples_DoNotMatter()
    {
        float[] zeros = [0, 0, 0],
            nothing = [NaN, NaN];
        var prepared = Prepare(Info(2), [-70, -70, -69, -68, .. zeros, .. nothing], [0, 0, 50, 50, .. zeros, .. nothing]);
        Assert.Equal([1, 2], prepared.VoltageMv);
        Assert.Contains("3 samples of exactly 0 at the end left out: the recording stopped at 0.004 s", prepared.Notes);

        AssertInvalid(
            "recording: found 0.002 s (2 samples) from 0.002 s on; expected 0.003 s (3 samples of 0.001 s)",
            Info(3),
            [-70, -70, -69, -68, .. zeros],
            [0, 0, 50, 50, .. zeros]
        );
    }

    [Theory]
    [InlineData(-0.07f, "-0.07")]
    [InlineData(-70000f, "-70000")]
    [InlineData(0.5f, "0.5")]
    public void Prepare_RestOfNoNeuron_AsksForTheUnit(float rest, string text) =>
        AssertInvalid(
            $"recording: found a rest of {text} mV (the median before the stimulus); expected -120 to -20 mV: "
                + "is the voltage in another unit, or measured from rest already (then give a rest of 0)?",
            Info(2),
            [rest, rest, rest, rest],
            [0, 0, 50, 50]
        );

    [Theory]
    // Amperes under pA, nA under pA, pA under nA.
    [InlineData(5e-11f, "largest current 5E-11 pA: is it in another unit?")]
    [InlineData(0.05f, "largest current 0.05 pA: is it in another unit?")]
    [InlineData(50_000f, "largest current 5E+04 pA: is it in another unit?")]
    [InlineData(50f, null)]
    public void Prepare_CurrentOfAnotherUnit_IsDoubted(float current, string? doubt) =>
        Assert.Equal(doubt is null ? [] : [doubt], Prepare(Info(2), [-70, -70, -69, -68], [0, 0, current, current]).Doubts);

    [Fact]
    public void Prepare_GivenRestOfAnotherUnit_IsDoubted() =>
        Assert.Equal(
            ["the given rest, -0.07 mV, is far from the median before the stimulus, -70 mV"],
            Prepare(Info(2), [-70, -70, -69, -68], [0, 0, 50, 50], new RecordingOptions { RestMv = -0.07 }).Doubts
        );

    [Fact]
    public void Prepare_IntervalOfAnotherUnit_IsRefusedOrDoubted()
    {
        var info = Info(2) with { SamplingIntervalMinimumSeconds = 5e-5, SamplingIntervalMaximumSeconds = 2e-4 };
        // Milliseconds under time_s.
        Assert.Equal(
            "recording: found a sampling interval of 0.05 s; "
                + "expected at most 10 times the model's, 5E-05 to 0.0002 s: are the times in another unit?",
            Assert
                .Throws<InvalidDataException>(() =>
                    new RecordingPreparer(info).Prepare(new Recording(0.05, [-70, -70, -69, -68], [0, 0, 5, 5]))
                )
                .Message
        );
        // Seconds under time_ms.
        Assert.Throws<InvalidDataException>(() =>
            new RecordingPreparer(info).Prepare(new Recording(5e-8, [-70, -70, -69, -68], [0, 0, 5, 5]))
        );
        // What an amplifier at 400 kHz writes.
        float[] fine = [.. Enumerable.Repeat(-70f, 100)];
        var prepared = new RecordingPreparer(info).Prepare(new Recording(2.5e-6, fine, [0, .. Enumerable.Repeat(5f, 99)]));
        Assert.Equal(["sampling interval 2.5E-06 s, 20 times as fine as the model's: are the times in another unit?"], prepared.Doubts);
    }

    [Theory]
    [InlineData(5e-5)]
    [InlineData(4.99999999e-5)]
    [InlineData(4.9e-5 * 1.011)]
    [InlineData(2.0001e-4)]
    public void Prepare_IntervalAtTheRangesEnd_IsKept(double interval)
    {
        var info = Info(2) with { SamplingIntervalMinimumSeconds = 5.0001e-5, SamplingIntervalMaximumSeconds = 2e-4 };
        var prepared = new RecordingPreparer(info).Prepare(new Recording(interval, [-70, -70, -69, -68], [0, 0, 5, 5]));
        Assert.Equal(interval, prepared.SamplingIntervalSeconds);
        Assert.DoesNotContain(prepared.Notes, note => note.Contains("resampled", StringComparison.Ordinal));
    }

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
