using System.Text.Json.Nodes;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>A definition with several values at some places: what is tried, what comes of it, and that nothing is done twice.</summary>
[Collection(TorchTests.Name)]
public sealed class SweepTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    private string Out => _tiny["sweep"];

    [Fact]
    public void Sweep_StepsAndTheirOptions_RanksAllOnValidationAndWritesTheBest()
    {
        Chain("sweep: [linear, mean, {fast-tree: {leaves: {sweep: {min: 2, max: 6, steps: 3}}, leaf_rows: 2}}]");

        var (code, output, error) = Sweep();

        Assert.True(code == 0, error);
        Assert.StartsWith("tiny: 5 definitions", error, StringComparison.Ordinal);
        var trials = Trials();
        Assert.Equal(5, trials.Length);
        var left = trials.Select(trial => Left(trial["metrics"]!["validation"]!)).ToArray();
        Assert.Equal(left.Order(), left);
        Assert.Equal(
            [
                "pipeline.2=fast-tree pipeline.fast-tree.leaves=2",
                "pipeline.2=fast-tree pipeline.fast-tree.leaves=4",
                "pipeline.2=fast-tree pipeline.fast-tree.leaves=6",
                "pipeline.2=linear",
                "pipeline.2=mean",
            ],
            trials.Select(Values).Order(StringComparer.Ordinal)
        );
        Assert.StartsWith(File.ReadAllText(Path.Combine(Out, "report", "table.md")), output, StringComparison.Ordinal);
        Assert.Contains("| trial |    step 2 | fast-tree.leaves |", output, StringComparison.Ordinal);
        Assert.All(["sweep.svg", "sweep.png"], file => Assert.True(new FileInfo(Path.Combine(Out, "report", file)).Length > 1000));

        // The best definition is one that runs, to the same figures.
        var best = Path.Combine(Out, "best.yaml");
        Assert.Equal(0, Glifml.Run("run", best, "--output", _tiny["best"], "--data", Data(), "--quiet").Code);
        var again = JsonNode.Parse(File.ReadAllText(_tiny["best/metrics.json"]))!;
        Assert.Equal((double)trials[0]["metrics"]!["test"]!["mseScaled"]!, (double)again["test"]!["mseScaled"]!);
    }

    [Fact]
    public void Sweep_OverNumbersOfTraces_DrawsLearningCurves()
    {
        Chain("fast-tree: {leaves: {sweep: [2, 4]}}");
        Assert.Equal(0, Sweep("--set", "dataset.splits.train.traces={sweep: [12, 24]}").Code);
        var curves = File.ReadAllText(Path.Combine(Out, "report", "traces.svg"));
        Assert.Contains("traces shown", curves, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Out, "report", "traces.png")));
    }

    [Fact]
    public void Sweep_NamingAnother_RanksBothInOneTableAndOneFigure()
    {
        Chain("fast-tree: {leaves: {sweep: [2, 4]}}");
        var both = _tiny["both.yaml"];
        var other = Path.GetFileName(_tiny.Definition);
        File.WriteAllText(
            both,
            $"extends: {other}\nsweep: {{also: {other}}}\ndataset: {{splits: {{train: {{traces: {{sweep: [12]}}}}}}}}\n"
        );
        string[] arguments = ["sweep", both, "--data", _tiny["shards"], "--output", Out, "--quiet"];

        var refused = Glifml.Run([.. arguments, "--search", "random"]);
        var (code, _, error) = Glifml.Run(arguments);

        Assert.Equal(2, refused.Code);
        Assert.Contains(
            $"sweep.also: found {other}; expected two grids, of which the other names no third",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.True(code == 0, error);
        Assert.Equal(
            [
                "dataset.splits.train.traces=12 pipeline.fast-tree.leaves=2",
                "dataset.splits.train.traces=12 pipeline.fast-tree.leaves=4",
                "pipeline.fast-tree.leaves=2",
                "pipeline.fast-tree.leaves=4",
            ],
            Trials().Select(Values).Order(StringComparer.Ordinal)
        );
        Assert.Contains("traces shown", File.ReadAllText(Path.Combine(Out, "report", "traces.svg")), StringComparison.Ordinal);
    }

    // Killed in the middle, by the process's own end: what goes on afterwards ends in the table of a sweep that was not.
    [Fact]
    [Trait("Category", "Slow")]
    public void Sweep_KilledAndResumed_EndsInTheSameTable()
    {
        Chain("bilstm: {hidden: {sweep: [2, 3, 4]}, batch: 8, epochs: {sweep: [2, 40]}}");
        string[] arguments = ["sweep", _tiny.Definition, "--data", _tiny["shards"], "--output", Out, "--resume", "--quiet"];
        using (var process = GlifmlProcess.Start([], arguments))
        {
            var limit = DateTime.UtcNow.AddMinutes(2);
            while (Done() < 2 && DateTime.UtcNow < limit)
                Thread.Sleep(20);
            process.Kill();
            process.WaitForExit();
        }

        Assert.InRange(Done(), 2, 5);
        Assert.False(File.Exists(Path.Combine(Out, "report", "table.md")));
        var kept = Directory
            .GetFiles(Out, "metrics.json", SearchOption.AllDirectories)
            .ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var resumed = GlifmlProcess.Run([], arguments);
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.All(kept, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));

        var whole = Glifml.Run("sweep", _tiny.Definition, "--data", _tiny["shards"], "--output", _tiny["whole"], "--quiet");

        Assert.True(whole.Code == 0, whole.Error);
        Assert.Equal(WithoutSeconds(whole.Output), WithoutSeconds(resumed.Output.ReplaceLineEndings("\n")));
        Assert.Equal(File.ReadAllText(_tiny["whole/best.yaml"]), File.ReadAllText(Path.Combine(Out, "best.yaml")));

        int Done() => Directory.Exists(Out) ? Directory.GetFiles(Out, "metrics.json", SearchOption.AllDirectories).Length : 0;
    }

    [Fact]
    public void Sweep_Random_DrawsTheSameDefinitionsEachOnce()
    {
        Chain("fast-tree: {leaves: {sweep: {min: 2, max: 9}}, learning_rate: {sweep: {min: 0.01, max: 0.5, scale: log}}, leaf_rows: 2}");

        Assert.Equal(0, Sweep("--search", "random", "--trials", "3").Code);
        var first = Trials().Select(Values).Order(StringComparer.Ordinal).ToArray();
        var (_, _, error) = Sweep("--search", "random", "--trials", "4");

        var more = Trials().Select(Values).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal((3, 4), (first.Distinct().Count(), more.Distinct().Count()));
        Assert.Subset(more.ToHashSet(), first.ToHashSet());
        Assert.DoesNotContain("failed", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sweep_Halving_TakesTheBetterThirdOnToAllTraces()
    {
        Chain("sweep: [mean, linear, {fast-tree: {leaf_rows: 2}}]");

        var (code, output, error) = Sweep("--search", "halving", "--trials", "3", "--set", "dataset.splits.train.traces=96");

        Assert.True(code == 0, error);
        Assert.StartsWith("tiny: 3 definitions, on 64 traces (3), 96 traces (1)", error, StringComparison.Ordinal);
        Assert.Equal([96, 64, 64], Trials().Select(trial => (int)trial["trainTraces"]!));
        Assert.Contains("| traces |", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sweep_MinutesThatAreUsedUp_BeginsNoMoreTrials()
    {
        Chain("sweep: [mean, linear]");

        var (code, output, error) = Sweep("--minutes", "1e-9");

        Assert.True(code == 0, error);
        Assert.Contains("1 not run, for want of minutes", output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Out, "metrics.json", SearchOption.AllDirectories));
    }

    [Fact]
    public void Sweep_AliasesOfAliases_AreRefusedAtOnce()
    {
        Chain("mean: {sweep: [1, 2]}");
        var bomb = string.Concat(
            Enumerable.Range(1, 9).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n")
        );
        File.AppendAllText(_tiny.Definition, $"\nl0: &l0 [x, x, x, x, x, x, x, x, x, x]\n{bomb}");

        var (code, _, error) = Sweep();

        Assert.Equal(2, code);
        Assert.Contains("sweep: found aliases that stand for ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mean", "found no value to sweep; expected one, as in hidden: {sweep: [16, 32, 64]}")]
    [InlineData("fast-tree: {leaves: {sweep: []}}", "sweep: found []; expected a list of values, or a range {min, max, steps, scale}")]
    [InlineData(
        "fast-tree: {leaves: {sweep: {min: 2, max: 9}}}",
        "sweep: found {min: 2, max: 9}; expected steps, how many a grid has, or search: random"
    )]
    [InlineData("fast-tree: {leaves: {sweep: {min: 9, max: 2, steps: 3}}}", "sweep.max: found 2; expected a finite number above min, 9")]
    [InlineData("fast-tree: {leaves: {sweep: [2, many]}}", "pipeline.fast-tree.leaves: found 'many'; expected an integer")]
    [InlineData("sweep: [mean, liner]", "found unknown step 'liner'; did you mean 'linear'?")]
    public void Sweep_BadDefinition_IsNamedBeforeAnythingIsRun(string step, string expected)
    {
        Chain(step);

        var (code, _, error) = Sweep();

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    [Fact]
    public void Run_DefinitionWithASweep_PointsToTheCommand()
    {
        Chain("fast-tree: {leaves: {sweep: [2, 3]}}");

        var (code, _, error) = _tiny.Run("run");

        Assert.Equal(2, code);
        Assert.Contains(
            $"found a sweep, {{sweep: [2, 3]}}; expected one value: `glifml sweep {_tiny.Definition}` runs them all",
            error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("sweep", "sweep: 12 definitions, 15 minutes at most")]
    [InlineData("learning-curve", "learning-curve: 20 definitions")]
    [InlineData("learning-curve-endless", "learning-curve-endless: 23 definitions")]
    public void Definition_OfTheRepository_HasItsTrials(string name, string announcement)
    {
        var sweep = PipelineSweep.Load(
            Glifml.Path($"pipelines/{name}.yaml"),
            settings: new() { ModelDirectory = Out, DataDirectory = _tiny["shards"] }
        );
        Assert.StartsWith(announcement, sweep.Announcement, StringComparison.Ordinal);
    }

    /// <summary>The last step of the tiny definition, in the place of its network; all but networks read features.</summary>
    private void Chain(string step)
    {
        var lines = File.ReadAllText(_tiny.Definition).Split("  - scale-trace", StringSplitOptions.None);
        var front = step.StartsWith("bilstm", StringComparison.Ordinal) ? $"scale-trace{lines[1].Split('\n')[0]}" : "trace-features";
        File.WriteAllText(_tiny.Definition, $"{lines[0]}  - {front}\n  - {(step == "mean" ? step : $"{{{step}}}")}\n");
    }

    private (int Code, string Output, string Error) Sweep(params string[] more) =>
        Glifml.Run(["sweep", _tiny.Definition, "--data", _tiny["shards"], "--output", Out, "--quiet", .. more]);

    private string Data() => Directory.GetDirectories(_tiny["shards"]).Single();

    private JsonNode[] Trials() =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Out, "report", "sweep.json")))!["trials"]!.AsArray().Select(trial => trial!)];

    private static string Values(JsonNode trial) =>
        string.Join(' ', trial["values"]!.AsArray().Select(value => $"{value!["key"]}={value["value"]}"));

    private static double Left(JsonNode split) =>
        split["parameters"]!
            .AsObject()
            .Average(p =>
            {
                var (mse, chance, floor) = ((double)p.Value!["mseScaled"]!, (double)p.Value["chance"]!, (double?)p.Value["floor"] ?? 0);
                return (mse - floor) / (chance - floor);
            });

    private static string WithoutSeconds(string table)
    {
        var lines = table.Split('\n').Where(line => !line.Contains(" minutes", StringComparison.Ordinal)).ToArray();
        var seconds = Array.FindIndex(lines[0].Split('|'), cell => cell.Trim() == "train s");
        return string.Join('\n', lines.Select(line => string.Join('|', line.Split('|').Where((_, column) => column != seconds))));
    }
}
