using GlifMl.Pipelines.Definitions;
using GlifMl.Pipelines.Metrics;
using GlifMl.Pipelines.Reporting.Observations;
using GlifMl.Pipelines.Stages;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Pipelines.Reporting;

public sealed class RunListTests
{
    private static readonly string Observations = Path.Combine(Neurons.Root, "pipelines", "observations.yaml");

    [Fact]
    public void IsRunList_Files_ByTheirKey()
    {
        Assert.True(RunList.IsRunList(Observations));
        Assert.False(RunList.IsRunList(Path.Combine(Neurons.Root, "pipelines", "quickstart.yaml")));
    }

    [Fact]
    public void Load_Observations_ReadsEveryDefinitionAndSaysHowLongItTakes() => Assert.Equal(
        "observations: 28 runs (14 definitions x 2 seeds), about 34 minutes on two cores; --set seeds=[1] takes one seed",
        RunList.Load(Observations, ["seeds=[4, 5]"]).Announcement);

    [Theory]
    [InlineData("runs: {a: [x.yaml]}\nseed: [1]", "unknown key 'seed'; did you mean 'seeds'?")]
    [InlineData("runs: {a: []}", "runs is {a: []}; expected at least one definition")]
    [InlineData("runs: {a: [x.yaml]}\nseeds: [1, 1]", "expected at least one seed, each at least 0 and there once")]
    public void Load_BadList_SaysWhatIsWrong(string yaml, string message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list.yaml"], yaml);
        Assert.Contains(message, Assert.Throws<DefinitionException>(() => RunList.Load(folder["list.yaml"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingDefinition_IsNamed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list.yaml"], "runs: {a: [x.yaml]}");
        Assert.Equal($"there is no definition {folder["x.yaml"]}", Assert.Throws<FileNotFoundException>(() => RunList.Load(folder["list.yaml"])).Message);
    }

    [Fact]
    public void Over_Seeds_GivesMeanAndSampleDeviation()
    {
        var split = new SplitMetrics(1, 1, 0, 0, 0, "", null, new Dictionary<string, ParameterMetrics>());
        PipelineMetrics Scoring(double score) => new("p", 1, "", split with { MseScaled = score }, null, null, new StageSeconds(), new ModelSize(0, null), 0);
        var summary = new RunSummary("q", "n", [Scoring(1), Scoring(2), Scoring(3)]);
        Assert.Equal(new Spread(2, 1), summary.Over(m => m.Test.MseScaled));
        Assert.Null(summary.Over(m => m.Validation?.MseScaled));
        Assert.Equal(new Spread(1, null), (summary with { Metrics = [Scoring(1)] }).Over(m => m.Test.MseScaled));
    }
}
