using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GlifMl.Tests.Pipelines.Catalog;
using GlifMl.Tests.Simulation;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Reporting;

[Collection(TorchTests.Name)]
public sealed partial class ReportBuilderTests(TrainedFolder trained) : IClassFixture<TrainedFolder>
{
    private string Html => File.ReadAllText(trained.Report("report.html"));

    [Fact]
    public void Build_ReportJson_HoldsMetricsJsonToTheLetter()
    {
        var report = JsonNode.Parse(File.ReadAllText(trained.Report("report.json")))!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(trained.Model.Metrics)), report["metrics"]));
    }

    [Fact]
    public void Build_TestAndValidationTables_HoldTheNumbersOfMetricsJson()
    {
        var metrics = PipelineMetrics.Load(trained.Model.Metrics)!;
        var section = Section("test");
        foreach (var split in new[] { metrics.Test, metrics.Validation! })
        {
            double?[] expected =
            [
                split.Rows,
                .. split.Parameters.Values.SelectMany(p =>
                    new[]
                    {
                        p.R2,
                        p.MseScaled,
                        p.Chance,
                        p.Floor,
                        p.Chance > p.Floor ? (p.MseScaled - p.Floor) / (p.Chance - p.Floor) : null,
                    }
                ),
                split.MseScaled,
                split.Chance,
                split.Floor,
                split.LearnableLeft,
            ];
            var wanted = string.Join(" ", expected.OfType<double>().Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
            Assert.Contains(
                wanted,
                string.Join(" ", DataValue().Matches(section).Select(m => m.Groups[1].Value)),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Build_TrainingTable_HoldsTheNumbersOfTheTrainingLog()
    {
        var expected = File.ReadLines(trained.Model.TrainingLog)
            .Select(line => JsonNode.Parse(line)!)
            .SelectMany(e => new[] { (double)e["epoch"]!, (double)e["trainLoss"]!, (double)e["validationLoss"]! });
        Assert.Equal(
            expected,
            DataValue().Matches(Section("training")).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))
        );
    }

    [Fact]
    public void Build_EveryShownNumber_IsItsValueRounded() =>
        Assert.All(
            DataElement().Matches(Html),
            match =>
            {
                var (value, shown) = (
                    double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                    double.Parse(match.Groups[2].Value.Replace('−', '-'), CultureInfo.InvariantCulture)
                );
                Assert.Equal(value, shown, Math.Max(0.5, 0.006 * Math.Abs(value)));
            }
        );

    [Fact]
    public void Build_HostileName_IsEscaped()
    {
        Assert.DoesNotContain("<script", Html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<h1>&lt;script&gt;alert(&#39;x&#39;)&lt;script&gt; &amp; &quot;co&quot;</h1>", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_Page_NeedsNothingButItself()
    {
        Assert.DoesNotMatch("""(src|href)="(?!#)""", Html.Replace("xlink:href=\"#", "", StringComparison.Ordinal));
        Assert.DoesNotContain("url(http", Html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_DefinitionThatIsNotTheStudys_LeavesThePublishedResultsOut()
    {
        Assert.DoesNotContain("1.7527", Html, StringComparison.Ordinal);
        Assert.Null(JsonNode.Parse(File.ReadAllText(trained.Report("report.json")))!["published"]);
    }

    [Fact]
    public void Build_Figures_AreOnThePageAndInFiles()
    {
        var svgs = Directory.GetFiles(trained.Report("figures"), "*.svg");
        Assert.Equal(
            svgs.Select(Path.GetFileNameWithoutExtension).Order(),
            Directory.GetFiles(trained.Report("figures"), "*.png").Select(Path.GetFileNameWithoutExtension).Order()
        );
        Assert.Equal(svgs.Length, SvgStart().Count(Html));
        Assert.All(svgs, path => Assert.NotEmpty(XDocument.Load(path).Descendants()));
        // Inline figures take every colour from the page, or they would be unreadable in the dark.
        var colours = SvgColour().Matches(Html).Select(m => m.Groups[1].Value).Distinct();
        Assert.All(colours, colour => Assert.True(colour == "none" || colour.StartsWith("var(--", StringComparison.Ordinal), colour));
    }

    [Fact]
    public void Build_Neurons_AreAllenConfigs()
    {
        var fitted = NeuronConfig.Load(trained.Report("neurons", "fitted_neuron_config.json"));
        Assert.Equal(183419927.9118323, fitted.InputResistanceOhms);
        Assert.Contains(
            NeuronConfig.Load(trained.Report("neurons", "random_neuron_config.json")).CapacitanceFarads,
            new[] { 0.1e-9, 0.2e-9 }
        );
    }

    [Fact]
    public void Build_Twice_WritesTheSameBytes()
    {
        var before = Directory
            .GetFiles(trained.Model.Report, "*", SearchOption.AllDirectories)
            .Order()
            .Select(f => (f, Convert.ToHexString(File.ReadAllBytes(f))))
            .ToArray();
        ReportBuilder.Build(trained.Model);
        Assert.Equal(
            before,
            Directory
                .GetFiles(trained.Model.Report, "*", SearchOption.AllDirectories)
                .Order()
                .Select(f => (f, Convert.ToHexString(File.ReadAllBytes(f))))
                .ToArray()
        );
    }

    /// <summary>
    /// Linear label units let a network answer with a negative capacitance, or with a time constant far below any time step.
    /// </summary>
    [Theory]
    [InlineData(-0.125, "C: found -1.2")]
    [InlineData(1e-9, null)]
    public void Build_NeuronThatCannotBe_IsShownAndLeftOutOfTheComparisons(double value, string? fault)
    {
        using var folder = new Datasets.TempFolder();
        var catalog = ConstantTrainer.Catalog();
        var yaml = File.ReadAllText(trained.Definition);
        File.WriteAllText(
            folder["x.yaml"],
            $"{yaml[..yaml.IndexOf("  - bilstm", StringComparison.Ordinal)]}  - constant: {{value: "
                + $"{value.ToString("R", CultureInfo.InvariantCulture)}}}\n"
        );
        var settings = new PipelineSettings { ModelDirectory = folder["model"], DataDirectory = folder["data"] };
        var pipeline = new Pipeline(Pipeline.Load(folder["x.yaml"], catalog: catalog), settings, catalog);
        pipeline.Run();

        var page = File.ReadAllText(ReportBuilder.Build(pipeline.Model, catalog));
        var callout = NoNeuron().Match(page).Groups[1].Value;
        Assert.StartsWith(fault ?? "", callout, StringComparison.Ordinal);
        Assert.Equal(fault is not null, callout.Length > 0);
        Assert.Equal(fault is null, File.Exists(Path.Combine(folder["model"], "report", "neurons", "inferred_neuron_config.json")));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.Contains($"<h2>Responses of {(fault is null ? "three" : "two")} neurons</h2>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WithoutValidationOrEqualInputs_ClaimsNeither()
    {
        using var folder = new Datasets.TempFolder();
        File.WriteAllText(
            folder["x.yaml"],
            $$"""
            dataset:
              neuron: {{Neurons.Path(5)}}
              parameters: {design: sobol, ranges: {C: {min: 0.1e-9, max: 0.2e-9}, R_input: {min: 0.1e9, max: 0.2e9} } }
              trace: {samples: 200, simulate: 260, sampling_rate_hz: 10000}
              splits:
                train: {stimulus: {name: noise, seed: per-trace}, traces: 8}
                test:  {stimulus: {name: noise, seed: per-trace}, traces: 20}
            targets: [C]
            pipeline:
              - scale-targets: {C: 1e9}
              - bilstm: {hidden: 2, epochs: 1, batch: 4}
            """
        );
        var pipeline = new Pipeline(
            Pipeline.Load(folder["x.yaml"]),
            new PipelineSettings { ModelDirectory = folder["model"], DataDirectory = folder["data"] }
        );
        pipeline.Run();

        var page = File.ReadAllText(ReportBuilder.Build(pipeline.Model));

        Assert.DoesNotContain("validation", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("the best that any model can do", page, StringComparison.Ordinal);
        Assert.Contains("how well any model can do is not known, because no two inputs are equal.", page, StringComparison.Ordinal);
        Assert.Contains("predictions: a point a trace, 400 at most</span>", page, StringComparison.Ordinal);
        Assert.Contains("The threshold of this model moves", page, StringComparison.Ordinal);
        Assert.Contains("test traces (noise; seed <data value=\"1\">1</data>).", page, StringComparison.Ordinal);
    }

    private string Section(string id) =>
        Regex.Match(Html, $"<section id=\"{id}\">(.*?)</section>", RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Groups[1].Value;

    [GeneratedRegex(
        @"No neuron can have the inferred parameters \((.*); expected a positive number\), so the comparisons below go without it\.",
        RegexOptions.None,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex NoNeuron();

    [GeneratedRegex("<data value=\"([^\"]*)\">", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex DataValue();

    [GeneratedRegex("<data value=\"([^\"]*)\">([^<]*)</data>", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex DataElement();

    [GeneratedRegex("<svg ", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SvgStart();

    [GeneratedRegex("(?:fill|stroke)=\"([^\"]*)\"", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SvgColour();
}
