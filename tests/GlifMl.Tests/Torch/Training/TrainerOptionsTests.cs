namespace GlifMl.Tests.Torch.Training;

public sealed class TrainerOptionsTests
{
    private const long Total = 1200;

    [Fact]
    public void RateAt_Constant_StaysAfterTheWarmUp()
    {
        var options = new BiLstmOptions { LearningRate = 0.1, WarmUpSteps = 10 };
        Assert.Equal([0.01, 0.05, 0.1, 0.1, 0.1], new long[] { 0, 4, 9, 10, 1199 }.Select(step => options.RateAt(step, Total)), Close);
    }

    // Half a cosine: the full rate at its start, half of it midway, 0 at its end.
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void RateAt_Cosine_FallsFromTheFullRateToZero(int warmUp)
    {
        var options = new BiLstmOptions
        {
            LearningRate = 0.1,
            Schedule = LearningRateSchedule.Cosine,
            WarmUpSteps = warmUp,
        };
        var third = warmUp + ((Total - warmUp) / 3);
        Assert.Equal(0.1, options.RateAt(warmUp, Total), 1e-12);
        Assert.Equal(0.075, options.RateAt(third, Total), 1e-12);
        Assert.Equal(0.05, options.RateAt((Total + warmUp) / 2, Total), 1e-12);
        Assert.Equal(0, options.RateAt(Total, Total), 1e-12);
        Assert.All(
            Enumerable.Range(warmUp, (int)Total - warmUp),
            step => Assert.True(options.RateAt(step + 1, Total) < options.RateAt(step, Total))
        );
    }

    [Fact]
    public void Validate_ImpossibleValues_NamesThem()
    {
        static string Message(TrainerOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Contains("Batch", Message(new BiLstmOptions { Batch = 0 }), StringComparison.Ordinal);
        Assert.Contains("LearningRate", Message(new BiLstmOptions { LearningRate = 0 }), StringComparison.Ordinal);
        Assert.Contains("Dropout", Message(new BiLstmOptions { Dropout = 1 }), StringComparison.Ordinal);
        new BiLstmOptions().Validate();
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;
}
