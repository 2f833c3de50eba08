using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

public sealed class OptionSchemaTests
{
    [Theory]
    [InlineData("LearningRate", "learning_rate")]
    [InlineData("Hidden", "hidden")]
    [InlineData("SamplingRateHz", "sampling_rate_hz")]
    [InlineData("L2Penalty", "l2_penalty")]
    [InlineData("UseSGD", "use_sgd")]
    [InlineData("IODelay", "io_delay")]
    public void YamlName_PascalCase_IsSnakeCase(string name, string key) => Assert.Equal(key, OptionSchema.YamlName(name));

    [Fact]
    public void Of_Record_ListsKeysWithDefaults()
    {
        var options = OptionSchema.Of(typeof(NetworkOptions));

        Assert.Equal(
            ["hidden", "epochs", "learning_rate", "dropout", "bidirectional", "read_out", "warm_up_epochs", "clip_norm", "kernel", "batch"],
            options.Select(option => option.Key)
        );
        Assert.Equal(32, options[0].Default);
        Assert.True(options.Single(option => option.Key == "clip_norm").IsNullable);
        Assert.True(Assert.Single(OptionSchema.Of(typeof(ColumnsOptions))).IsRequired);
    }

    [Fact]
    public void Of_RecordWithoutDefaults_IsRefused() => Assert.Throws<ArgumentException>(() => OptionSchema.Of(typeof(ScaleOptions)));

    [Theory]
    [InlineData("epoch", "epochs")]
    [InlineData("HIDEN", "hidden")]
    [InlineData("xyz", null)]
    public void Suggest_MisspeltName_IsTheNearest(string name, string? nearest) =>
        Assert.Equal(nearest, NearestName.Suggest(name, ["hidden", "epochs"]));
}
