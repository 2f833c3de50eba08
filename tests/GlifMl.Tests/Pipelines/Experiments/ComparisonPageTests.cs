using System.Globalization;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Pipelines.Experiments;

/// <summary>The quickstart's two comparisons in pipelines/README.md, as their commands write them, are of the definitions here.</summary>
public sealed class ComparisonPageTests
{
    private const string Command = "glifml compare pipelines/quickstart.yaml pipelines/baselines/quickstart-*.yaml",
        Noise = "dataset.trace.noise={sd_mv: 0.2}";

    private static readonly ReadmeText Page = new("pipelines/README.md");

    [Theory]
    [InlineData("noise-free", $"{Command} --out noise-free.md", null)]
    [InlineData("noisy", $"{Command} --set '{Noise}' --output models/noisy --out noisy.md", Noise)]
    public void Table_OfTheQuickstart_HasARowForEveryDefinitionOnTheDataOfToday(string name, string command, string? set)
    {
        Assert.Contains($"\n{command}\n", Page.Text, StringComparison.Ordinal);
        var lines = Page.Between($"compare: {name}").Split('\n');
        string[][] table =
        [
            .. lines.Where(line => line.StartsWith('|')).Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries)),
        ];
        string[] definitions =
        [
            Glifml.Path("pipelines/quickstart.yaml"),
            .. Directory.GetFiles(Glifml.Path("pipelines/baselines"), "quickstart-*.yaml"),
        ];

        Assert.InRange(definitions.Length, 17, int.MaxValue);
        string[] columns = ["definition", "R2 C", "R2 El", "R2 R_input", "R2 dt", "R2 th_inf", "score", "learnable left"];
        Assert.Equal([.. columns, "train s", "us a trace", "ONNX KiB"], table[0]);
        var rows = table[3..^1];
        Assert.Equal((ComparisonTable.Chance, ComparisonTable.Floor), (table[2][0], table[^1][0]));
        Assert.Equal(
            definitions.Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
            rows.Select(row => row[0]).Order(StringComparer.Ordinal)
        );
        double[] scores = [.. rows.Select(row => double.Parse(row[6], CultureInfo.InvariantCulture))];
        Assert.Equal(scores.OrderDescending(), scores);
        // One dataset, and the one that the definitions mean today.
        var hash = Assert.Single(definitions.Select(path => DatasetHash.Compute(Pipeline.Load(path, set is null ? [] : [set]))).Distinct());
        Assert.Contains($"- test split: 1000 traces of dataset {ShortHash.Of(hash)}, seed 1", lines);
    }
}
