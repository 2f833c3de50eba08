using GlifMl.Pipelines;
using GlifMl.Reporting;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Reporting;

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
    public void Load_Observations_ReadsEveryDefinitionAndSaysHowLongItTakes() =>
        Assert.Equal(
            "observations: 28 runs (14 definitions x 2 seeds), about 26 minutes on two cores; --set seeds=[1] takes one seed",
            RunList.Load(Observations, ["seeds=[4, 5]"]).Announcement
        );

    [Theory]
    [InlineData("runs: {a: [x.yaml]}\nseed: [1]", "found unknown key 'seed'; did you mean 'seeds'?")]
    [InlineData("runs: {a: []}", "runs: found {a: []}; expected at least one definition")]
    [InlineData("runs: {a: [x.yaml]}\nseeds: [1, 1]", "expected at least one seed, each at least 0 and there once")]
    public void Load_BadList_SaysWhatIsWrong(string yaml, string message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list.yaml"], yaml);
        Assert.Contains(
            message,
            Assert.Throws<DefinitionException>(() => RunList.Load(folder["list.yaml"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_MissingDefinition_IsNamed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["list.yaml"], "runs: {a: [x.yaml]}");
        Assert.Equal(
            $"found no file {folder["x.yaml"]}; expected a definition",
            Assert.Throws<FileNotFoundException>(() => RunList.Load(folder["list.yaml"])).Message
        );
    }

    [Fact]
    public void Verdict_TwoRuns_NamesTheBetterAndWhetherSeedsCouldDoIt()
    {
        RunSummary Leaving(string name, params double[] left) => new("q", name, [.. left.Select(Scoring)]);
        string? Verdict(params RunSummary[] runs) => RunVerdict.Of(runs, "cells seen", m => m.Test);
        Assert.Equal(
            "In cells seen, b (0.200 ± 0.100) leaves the least by parameter, and a (0.500 ± 0.100) comes next, further away than seeds "
                + "are from each other.",
            Verdict(Leaving("a", 0.4, 0.5, 0.6), Leaving("c", 1, 1, 1), Leaving("b", 0.1, 0.2, 0.3))
        );
        Assert.Equal(
            "In cells seen, a (0.500 ± 0.100) leaves the least by parameter, and b (0.600 ± 0.100) comes next, no further away than "
                + "seeds are from each other.",
            Verdict(Leaving("a", 0.4, 0.5, 0.6), Leaving("b", 0.5, 0.6, 0.7))
        );
        Assert.Equal(
            "In cells seen, a (0.500) leaves the least by parameter, and b (0.600) comes next.",
            Verdict(Leaving("a", 0.5), Leaving("b", 0.6))
        );
        Assert.Null(Verdict(Leaving("a", 0.5)));
        Assert.Null(RunVerdict.Of([Leaving("a", 0.5), Leaving("b", 0.6)], "cells never seen", m => m.HeldOut));
    }

    private static PipelineMetrics Scoring(double score)
    {
        var parameters = new Dictionary<string, ParameterMetrics> { ["C"] = new(null, score, Chance: 1, Floor: 0, "F") };
        return new(
            "p",
            1,
            "",
            new SplitMetrics(1, 1, score, 1, 0, "", score, parameters),
            null,
            null,
            new StageSeconds(),
            new ModelSize(0, null),
            0
        );
    }

    [Fact]
    public void Over_Seeds_GivesMeanAndSampleDeviation()
    {
        var summary = new RunSummary("q", "n", [Scoring(1), Scoring(2), Scoring(3)]);
        Assert.Equal(new Spread(2, 1), summary.Over(m => m.Test.MseScaled));
        Assert.Null(summary.Over(m => m.Validation?.MseScaled));
        Assert.Equal(new Spread(1, null), (summary with { Metrics = [Scoring(1)] }).Over(m => m.Test.MseScaled));
    }
}
