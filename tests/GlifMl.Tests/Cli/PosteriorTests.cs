using System.Globalization;
using System.Text.Json;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>Scores with intervals, draws, and what calibration says, on a model that has learnt next to nothing.</summary>
[Collection(TorchTests.Name)]
public sealed class PosteriorTests : IDisposable
{
    private const string Two = "pipeline.bilstm.posterior.components=2";
    private readonly TinyPipeline _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void ScoreAndSample_ModelWithPosterior_GiveIntervalsAndDraws()
    {
        Assert.Equal(0, _tiny.Run("run", "--set", Two).Code);
        var (model, shards) = (Path.Combine(_tiny.Model, "model.onnx"), Path.Combine(_tiny.Data, "test"));
        var csv = _tiny["scores.csv"];
        Assert.Equal(0, Glifml.Run("score", "--model", model, shards, "--out", csv).Code);
        var lines = File.ReadAllLines(csv);
        var header = lines[0].Split(',');
        Assert.Equal(
            ["source", "trace", "C", "El", "R_input", "dt", "th_inf", "status", "reason", "C_sd", "C_p05", "C_p25", "C_p50", "C_p75"],
            header[..14]
        );
        Assert.Equal(["C_p95", "C_told", "El_sd"], header[14..17]);
        Assert.Equal(9, lines.Length);
        var json = _tiny["scores.json"];
        Assert.Equal(0, Glifml.Run("score", "--model", model, shards, "--out", json).Code);
        Assert.Equal(0, Glifml.Run("score", "--model", model, shards, "--out", _tiny["scores.parquet"]).Code);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        foreach (var row in document.RootElement.EnumerateArray())
        {
            double At(string name) => row.GetProperty(name).GetDouble();
            double[] quantiles = [At("C_p05"), At("C_p25"), At("C_p50"), At("C_p75"), At("C_p95")];
            Assert.Equal(quantiles.Order(), quantiles);
            Assert.InRange(At("C"), quantiles[0], quantiles[^1]);
            Assert.InRange(At("C_told"), 0, 1);
            Assert.True(At("C_sd") > 0);
        }

        var (_, table, _) = Glifml.Run("score", "--model", model, shards);
        Assert.Contains(" ± ", table, StringComparison.Ordinal);

        var (first, second) = (_tiny["a.csv"], _tiny["b.csv"]);
        Assert.Equal(0, Glifml.Run("sample", "--model", model, shards, "--draws", "500", "--seed", "3", "--out", first).Code);
        Assert.Equal(0, Glifml.Run("sample", "--model", model, shards, "--draws", "500", "--seed", "3", "--out", second).Code);
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        var draws = File.ReadAllLines(first);
        Assert.Equal("source,trace,draw,C,El,R_input,dt,th_inf", draws[0]);
        Assert.Equal(1 + (8 * 500), draws.Length);
        // Half of the draws lie below the median that is scored.
        var median = document.RootElement[0].GetProperty("C_p50").GetDouble();
        var below = draws.Skip(1).Take(500).Count(line => double.Parse(line.Split(',')[3], CultureInfo.InvariantCulture) < median);
        Assert.InRange(below, 200, 300);
        Assert.Equal(0, Glifml.Run("sample", "--model", model, shards, "--draws", "2", "--out", _tiny["draws.parquet"]).Code);
        Assert.Equal(0, Glifml.Run("sample", "--model", model, shards, "--draws", "2", "--json").Code);
        Assert.Equal(
            "glifml: --draws: found 0; expected at least 1\n",
            Glifml.Run("sample", "--model", model, shards, "--draws", "0").Error
        );
    }

    [Fact]
    public void Evaluate_ModelWithPosterior_SaysWhatItIsWorth()
    {
        Assert.Equal(0, _tiny.Run("run", "--set", Two).Code);
        using var metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(_tiny.Model, "metrics.json")));
        var test = metrics.RootElement.GetProperty("test");
        var capacitance = test.GetProperty("parameters").GetProperty("C");
        Assert.Equal(["50", "80", "90", "95"], capacitance.GetProperty("coverage").EnumerateObject().Select(p => p.Name));
        Assert.InRange(capacitance.GetProperty("sbcP").GetDouble(), 0, 1);
        Assert.InRange(capacitance.GetProperty("told").GetDouble(), 0, 1);
        Assert.True(double.IsFinite(capacitance.GetProperty("logScore").GetDouble()));
        Assert.InRange(test.GetProperty("posterior").GetProperty("tarpP").GetDouble(), 0, 1);
        Assert.Equal(9, File.ReadAllLines(Path.Combine(_tiny.Model, "calibration.csv")).Length);
    }

    [Fact]
    public void Sample_ModelWithoutPosterior_IsRefusedInOneLine()
    {
        Assert.Equal(0, _tiny.Run("run").Code);
        var model = Path.Combine(_tiny.Model, "model.onnx");
        var (code, output, error) = Glifml.Run("sample", "--model", model, Path.Combine(_tiny.Data, "test"));
        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            $"glifml: model '{model}': found a model without a posterior; "
                + "expected one that was trained with posterior: {components: K}\n",
            error
        );
        Assert.False(File.Exists(Path.Combine(_tiny.Model, "calibration.csv")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Run_ComponentsOutOfRange_NamesThePlace(int components)
    {
        var text = File.ReadAllText(_tiny.Definition)
            .Replace("epochs: 3}", $"epochs: 3, posterior: {{components: {components}}}}}", StringComparison.Ordinal);
        File.WriteAllText(_tiny.Definition, text);
        var (code, _, error) = _tiny.Run("run");
        Assert.Equal(2, code);
        Assert.Matches(
            $@"^glifml: .*tiny\.yaml:\d+:\d+: pipeline\.bilstm\.posterior\.components: found {components}; "
                + "expected at least 1 and at most 32\n$",
            error
        );
    }

    [Theory]
    [InlineData("bilstm: {hidden: 3, batch: 8, epochs: 3, posterior: {calibrate: true}}", "bilstm", 100)]
    [InlineData("linear: {posterior: {components: 3}}", "linear", 150)]
    public void Run_TooFewValidationTraces_NamesThePlace(string trainer, string name, int least)
    {
        var text = File.ReadAllText(_tiny.Definition)
            .Replace("bilstm: {hidden: 3, batch: 8, epochs: 3}", trainer, StringComparison.Ordinal);
        File.WriteAllText(_tiny.Definition, text);
        var (code, _, error) = _tiny.Run("run");
        Assert.Equal(2, code);
        Assert.Matches(
            $@"^glifml: .*tiny\.yaml:\d+:\d+: pipeline\.{name}\.posterior: found 8 validation traces; "
                + $"expected at least {least}, which it is fitted to\n$",
            error
        );
    }

    [Theory]
    [InlineData("bilstm: {hidden: 3, batch: 8, epochs: 3, posterior: {components: 2, calibrate: true}}")]
    [InlineData("block-reduce: {size: 20}\n  - linear: {posterior: {components: 2}}")]
    public void Run_PosteriorFittedToValidationTraces_HoldsWhatItSays(string trainer)
    {
        var text = File.ReadAllText(_tiny.Definition)
            .Replace("bilstm: {hidden: 3, batch: 8, epochs: 3}", trainer, StringComparison.Ordinal)
            .Replace("validation: {stimulus: noise, traces: 8}", "validation: {stimulus: noise, traces: 300}", StringComparison.Ordinal)
            .Replace("test: {stimulus: noise, traces: 8}", "test: {stimulus: noise, traces: 300}", StringComparison.Ordinal);
        File.WriteAllText(_tiny.Definition, text);
        var (code, _, error) = _tiny.Run("run");
        Assert.True(code == 0, error);
        using var metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(_tiny.Model, "metrics.json")));
        foreach (var parameter in metrics.RootElement.GetProperty("test").GetProperty("parameters").EnumerateObject())
            Assert.InRange(parameter.Value.GetProperty("coverage").GetProperty("90").GetDouble(), 0.8, 1);
        Assert.Equal(0, Glifml.Run("sample", "--model", Path.Combine(_tiny.Model, "model.onnx"), Path.Combine(_tiny.Data, "test")).Code);
    }
}
