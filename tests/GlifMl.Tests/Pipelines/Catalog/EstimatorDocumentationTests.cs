using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Catalog;

public sealed class EstimatorDocumentationTests
{
    public static TheoryData<string> Estimators => [.. EstimatorCatalog.Default.Names];

    [Theory]
    [MemberData(nameof(Estimators))]
    public void Of_EveryEstimator_DocumentsEveryOption(string name)
    {
        var documentation = EstimatorDocumentation.Of(EstimatorCatalog.Default, name);
        Assert.NotEmpty(documentation.Summary);
        Assert.NotEmpty(documentation.About);
        Assert.All(documentation.Options, option => Assert.True(option is { Meaning.Length: > 0, Type.Length: > 0 }, $"{name}: {option}"));
        Assert.All(
            documentation.Options.SelectMany(option => option.Choices),
            choice => Assert.True(choice.Value.Length > 0, $"{name}: {choice.Key}")
        );
    }

    [Fact]
    public void Of_Option_HasTypeDefaultRangeAndMeaning()
    {
        var options = EstimatorDocumentation.Of(EstimatorCatalog.Default, "bilstm").Options.ToDictionary(option => option.Key);
        Assert.Equal(
            ("integer", "32", "at least 1 and at most 1024", "Hidden units a direction. Default 32; 1 to 1024."),
            (options["hidden"].Type, options["hidden"].Default, options["hidden"].Range, options["hidden"].Meaning)
        );
        Assert.Equal(("one of final, mean, both", "final"), (options["read_out"].Type, options["read_out"].Default));
        Assert.Equal(["final", "mean", "both"], options["read_out"].Choices.Keys);
        Assert.Equal(("integer", "none"), (options["seed"].Type, options["seed"].Default));
        // Declared on the base record, in another assembly's documentation file than the catalogue's.
        Assert.StartsWith("Passes over the training traces.", options["epochs"].Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ListOption_SaysWhatIsInIt()
    {
        var scale = EstimatorDocumentation.Of(EstimatorCatalog.Default, "scale-trace").Options.Single(option => option.Key == "scale");
        Assert.Equal(("list of: number", "[1]", "at least 1 entry"), (scale.Type, scale.Default, scale.Range));
    }

    [Fact]
    public void Of_RecordsWithinRecords_HaveKeysBehindAPoint()
    {
        var options = OptionDocumentation.Of(typeof(DatasetDefinition)).ToDictionary(option => option.Key);
        Assert.Equal(("list of: text", "[C, El, R_input]"), (options["hold_out.keys"].Type, options["hold_out.keys"].Default));
        Assert.Equal("required", options["splits.train.traces"].Default);
    }

    [Fact]
    public void Of_References_BecomeTheNamesThatDefinitionsUse()
    {
        var options = OptionDocumentation.Of(typeof(TraceDefinition)).ToDictionary(option => option.Key);
        Assert.StartsWith("Steps simulated for each trace, at least samples.", options["simulate"].Meaning, StringComparison.Ordinal);
        Assert.StartsWith(
            "Sampling rate in hertz where dt is the sampling interval",
            options["sampling_rate_hz"].Meaning,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Of_UnknownName_GivesTheNearest()
    {
        var e = Assert.Throws<ArgumentException>(() => EstimatorDocumentation.Of(EstimatorCatalog.Default, "bilsmt"));
        Assert.Equal("found unknown estimator 'bilsmt'; did you mean 'bilstm'?", e.Message);
    }
}
