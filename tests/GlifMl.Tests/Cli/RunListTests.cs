using System.Globalization;
using System.Text.Json.Nodes;

namespace GlifMl.Tests.Cli;

public sealed class RunListTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();

    public RunListTests()
    {
        // The mean alone: what is tested is the list, and no network is needed. Half of eight cells are held out, so that 24 test traces
        // have both kinds.
        var mean =
            File.ReadAllText(_tiny.Definition)
                .Split("  - scale-trace", StringSplitOptions.None)[0]
                .Replace("test: {stimulus: noise, traces: 8}", "test: {stimulus: [noise, square], traces: 24}", StringComparison.Ordinal)
            + "  - mean\n";
        File.WriteAllText(_tiny["plain.yaml"], mean);
        File.WriteAllText(_tiny["cells.yaml"], "extends: plain.yaml\ndataset: {hold_out: {parts: 2, share: 0.5}}\n");
        File.WriteAllText(
            _tiny["list.yaml"],
            "name: two\nseeds: [1, 2]\nminutes_a_seed: 0.5\nruns:\n  With cells?: [cells.yaml, plain.yaml]\n  Without?: [plain.yaml]\n"
        );
    }

    [Fact]
    public void Run_List_PrintsAndWritesOneTableOfAllRuns()
    {
        var (code, output, error) = Run();

        Assert.Equal(
            (0, "two: 4 runs (2 definitions x 2 seeds), about 1 minutes on two cores; --set seeds=[1] takes one seed"),
            (code, error.TrimEnd())
        );
        var table = File.ReadAllText(Path.Combine(Out, "report", "table.md"));
        Assert.StartsWith(table, output, StringComparison.Ordinal);
        Assert.Contains($"report: {Path.Combine(Out, "report", "report.html")}", output, StringComparison.Ordinal);

        var (cells, plain) = (Metrics("cells"), Metrics("plain"));
        var lines = table.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Where(c => c.Length > 11).ToArray();
        Assert.Equal(
            [
                "definition",
                "cells seen: score",
                "chance",
                "floor",
                "left",
                "left by parameter",
                "never seen: score",
                "chance",
                "floor",
                "left",
                "left by parameter",
            ],
            lines[0][1..^1]
        );
        Assert.Equal(["**With cells?**", "cells", "plain", "**Without?**", "plain"], lines[2..].Select(l => l[1]));
        Assert.Equal(
            [
                "cells",
                Words(cells, m => m.SeenCells!.MseScaled),
                Words(cells, m => m.SeenCells!.Chance),
                "-",
                "-",
                Words(cells, m => Left(m.SeenCells!), "F3"),
                Words(cells, m => m.HeldOut!.MseScaled),
                Words(cells, m => m.HeldOut!.Chance),
                "-",
                "-",
                Words(cells, m => Left(m.HeldOut!), "F3"),
            ],
            lines[3][1..^1]
        );
        // Nothing is held out of the plain definition: its whole test stands where the others have the cells they saw.
        Assert.Equal(["plain", Words(plain, m => m.Test.MseScaled)], lines[4][1..3]);
        Assert.Equal("-", lines[4][7]);
        Assert.All(cells, m => Assert.Equal(24, m.SeenCells!.Rows + m.HeldOut!.Rows));
    }

    [Fact]
    public void Run_Resumed_KeepsWhatIsCompleteAndMakesTheRest()
    {
        Assert.Equal(0, Run().Code);
        var table = File.ReadAllText(Path.Combine(Out, "report", "table.md"));
        var kept = Directory.GetLastWriteTimeUtc(Path.Combine(Out, "plain-seed-1", "model.onnx"));
        File.Delete(Path.Combine(Out, "plain-seed-2", "metrics.json"));

        Assert.Equal(0, Run("--resume").Code);

        Assert.Equal(kept, Directory.GetLastWriteTimeUtc(Path.Combine(Out, "plain-seed-1", "model.onnx")));
        Assert.True(File.Exists(Path.Combine(Out, "plain-seed-2", "metrics.json")));
        Assert.Equal(table, File.ReadAllText(Path.Combine(Out, "report", "table.md")));
    }

    [Fact]
    public void Run_ResumedAfterTheDefinitionChanged_RunsItAgain()
    {
        Assert.Equal(0, Run("--set", "seeds=[1]").Code);
        File.WriteAllText(_tiny["cells.yaml"], "extends: plain.yaml\ndataset: {hold_out: {parts: 2, share: 0.25}}\n");

        var (code, _, error) = Run("--set", "seeds=[1]", "--resume");
        var folder = Path.Combine(Out, "cells-seed-1");
        Assert.Equal(2, code);
        Assert.EndsWith(
            $"glifml: {folder}: found a model with dataset.hold_out.share 0.5; "
                + "expected 0.25: name another folder with --output, or pass --force",
            error.TrimEnd(),
            StringComparison.Ordinal
        );

        Assert.Equal(0, Run("--set", "seeds=[1]", "--resume", "--force").Code);
        Assert.Contains("share: 0.25", File.ReadAllText(Path.Combine(Out, "cells-seed-1", "pipeline.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FaultInTheLastDefinitionsStimulus_IsFoundBeforeTheFirstRun()
    {
        File.WriteAllText(_tiny["nan.csv"], "time_s,current_pA\n0,10\n0.001,NaN\n");
        File.WriteAllText(_tiny["bad.yaml"], "extends: plain.yaml\ndataset: {splits: {test: {stimulus: nan.csv, traces: 4}}}\n");
        File.WriteAllText(_tiny["list.yaml"], "seeds: [1]\nruns:\n  Which?: [plain.yaml, bad.yaml]\n");

        var (code, _, error) = Run();

        Assert.Equal(2, code);
        Assert.Matches($"(?m)^glifml: (bad-seed-1: )?{System.Text.RegularExpressions.Regex.Escape(_tiny["nan.csv"])}:3: ", error);
        Assert.False(Directory.Exists(Out));
        Assert.False(Directory.Exists(_tiny.Data));
    }

    [Fact]
    public void Run_FolderOfAListOrOfAModel_IsNotTheOthers()
    {
        Assert.Equal(0, Run("--set", "seeds=[1]").Code);
        var model = Path.Combine(Out, "plain-seed-1");
        (int, string) Refused(string definition, string folder)
        {
            var (code, _, error) = Glifml.Run("run", definition, "--data", _tiny["other"], "--output", folder, "--quiet", "--force");
            return (code, error.TrimEnd());
        }

        Assert.Equal(
            (2, $"glifml: {Out}: found the folder of a list of runs; expected one for a model"),
            Refused(_tiny["plain.yaml"], Out)
        );
        Assert.Equal(
            (2, $"glifml: {model}: found the folder of a model; expected one for the models of a list"),
            Refused(_tiny["list.yaml"], model)
        );
        Assert.False(Directory.Exists(_tiny["other"]));
    }

    [Fact]
    public void Run_Json_HasEveryRun()
    {
        var (code, output, _) = Run("--json", "--set", "seeds=[3]");
        Assert.Equal(0, code);
        Assert.Equal(["cells", "plain", "plain"], JsonNode.Parse(output)!.AsArray().Select(run => (string)run!["name"]!));
    }

    public void Dispose() => _tiny.Dispose();

    private string Out => _tiny["out"];

    private (int Code, string Output, string Error) Run(params string[] more) =>
        Glifml.Run(["run", _tiny["list.yaml"], "--data", _tiny.Data, "--output", Out, "--quiet", .. more]);

    private PipelineMetrics[] Metrics(string name) =>
        [.. new[] { 1, 2 }.Select(seed => PipelineMetrics.Load(Path.Combine(Out, $"{name}-seed-{seed}", "metrics.json"))!)];

    /// <summary>Where no floor is known, what is left of a parameter is its share of chance.</summary>
    private static double Left(SplitMetrics split) =>
        split.Parameters.Values.Average(p => p.Floor is null ? p.MseScaled / p.Chance : p.LearnableLeft)!.Value;

    private static string Words(PipelineMetrics[] seeds, Func<PipelineMetrics, double> figure, string format = "F4")
    {
        var values = seeds.Select(figure).ToArray();
        // The sample standard deviation of two numbers.
        var deviation = (Math.Abs(values[0] - values[1]) / Math.Sqrt(2)).ToString(format, CultureInfo.InvariantCulture);
        var mean = values.Average().ToString(format, CultureInfo.InvariantCulture);
        return double.Parse(deviation, CultureInfo.InvariantCulture) == 0 ? mean : $"{mean} ± {deviation}";
    }
}
