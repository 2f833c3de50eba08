using GlifMl.Onnx;

namespace GlifMl.Tests.Onnx;

public sealed class AnswerCheckTests
{
    private static readonly ModelParameter Dt = new("dt", "s", ValueRange.Of([5e-4, 2e-3]));

    [Theory]
    [InlineData(1e-3f, 1e-3, AnswerStatus.Read, null)]
    [InlineData(1.4e-3f, 1e-3, AnswerStatus.Read, null)]
    [InlineData(1.6e-3f, 1e-3, AnswerStatus.Outside, "dt 1600 us is 1.6 times the sampling interval, 1000 us")]
    [InlineData(6e-4f, 1e-3, AnswerStatus.Outside, "dt 600 us is 0.6 times the sampling interval, 1000 us")]
    [InlineData(5e-4f, 7e-4, AnswerStatus.Outside, "dt 500 us at or beyond the edge of training, 500 to 2000 us")]
    public void Check_PredictedInterval_IsComparedWithTheKnownOne(float dt, double interval, AnswerStatus status, string? reason)
    {
        using var model = Model(Dt);
        var answer = new AnswerCheck(model).Check([dt, 0.001f], Prepared(interval));
        Assert.Equal(status, answer.Status);
        Assert.Equal(reason is null ? [] : [reason], answer.Reasons);
    }

    [Fact]
    public void Check_IntervalThatIsNoLabel_IsNotCompared()
    {
        // The study's dt: a label from 10 to 90 us, and traces sampled every 1 ms here.
        using var model = Model(new("dt", "s", ValueRange.Of([1e-5, 9e-5])));
        Assert.Equal(AnswerStatus.Read, new AnswerCheck(model).Check([5e-5f, 0.001f], Prepared(1e-3)).Status);
    }

    [Theory]
    [InlineData(1e-3f, float.NaN, AnswerStatus.NotRead, "El: no finite number")]
    [InlineData(float.PositiveInfinity, 1e-3f, AnswerStatus.Outside, "dt: no finite number")]
    [InlineData(1e-3f, 0f, AnswerStatus.NotRead, "El: constants that the model answers where a trace does not tell")]
    public void Check_WhatIsNoAnswer_IsWithheld(float dt, float rest, AnswerStatus status, string reason)
    {
        // To a trace of nothing this model answers 0.
        using var model = Model(Dt);
        var answer = new AnswerCheck(model).Check([dt, rest]);
        Assert.Equal((status, reason), (answer.Status, answer.Reasons[0]));
        Assert.Equal(1, answer.Parameters.Count(float.IsNaN));
    }

    [Fact]
    public void Check_InputOutsideTrainingOrDoubtful_IsOutside()
    {
        using var model = Model(Dt);
        var prepared = Prepared(1e-3) with
        {
            OutOfRange =
            [
                new RangeMeasure("mean voltage", "mV", 12, ValueRange.Of([1, 3])),
                new RangeMeasure("mean current", "pA", 2, ValueRange.Of([1, 3])),
            ],
            Doubts = ["sampling interval"],
        };
        var answer = new AnswerCheck(model).Check([1e-3f, 0.001f], prepared);
        Assert.Equal(AnswerStatus.Outside, answer.Status);
        Assert.Equal(["sampling interval", "mean voltage 12 mV outside training, 1 to 3 mV"], answer.Reasons);
    }

    private static OnnxModel Model(ModelParameter first)
    {
        var info = TestModels.Info();
        return OnnxModel.Load(TestModels.Bytes(info with { Parameters = [first, info.Parameters[1]] }));
    }

    private static PreparedRecording Prepared(double interval) => new([0], null, interval, null, [], []);
}
