using System.Text.Json;
using GlifMl.Tests.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Cli;

/// <summary>Quantities that a model is told instead of being asked for them.</summary>
[Collection(TorchTests.Name)]
public sealed class KnownTests
{
    private const string Dt = "known=[dt]";

    [Fact]
    public void Run_KnownInterval_IsAnInputAndNoAnswer()
    {
        using var tiny = new TinyPipeline();

        var (code, output, error) = tiny.Run("run", "--set", Dt, "--json");

        Assert.Equal(("", 0), (error, code));
        var metrics = JsonSerializer.Deserialize<PipelineMetrics>(output, GlifMl.Pipelines.Json.Options)!;
        Assert.Equal(["C", "El", "R_input", "th_inf"], metrics.Test.Parameters.Keys);
        var file = Path.Combine(tiny.Model, "model.onnx");
        using var model = OnnxModel.Load(file);
        Assert.Equal(["dt"], model.Info.Known.Select(k => k.Name));
        Assert.Equal("s", model.Info.Known[0].Unit);
        Assert.Equal(["C", "El", "R_input", "th_inf"], model.Info.Parameters.Select(p => p.Name));

        // What is told counts, and by its row.
        var traces = Enumerable
            .Range(0, 20)
            .Select(row => Enumerable.Range(0, 200).Select(t => MathF.Sin(t * 0.1f) * row).ToArray())
            .ToArray();
        var dts = Enumerable.Range(0, 20).Select(row => new[] { 5e-5f + (7e-6f * row) }).ToArray();
        var (together, other) = (model.Score(traces, null, dts), model.Score(traces, null, [.. dts.Select(_ => new[] { 1e-4f })]));
        for (var row = 0; row < traces.Length; row++)
            Assert.Equal(model.Score(traces[row], default, dts[row])[0, 0], together[row, 0], 1e-15);
        Assert.NotEqual(together[3, 0], other[3, 0]);
        Assert.Equal(
            "known: found 0 numbers; expected dt of each of 20 traces (Parameter 'known')",
            Assert.Throws<ArgumentException>(() => model.Score(traces)).Message
        );

        // Stock ML.NET reads the same, from the shards' own column.
        var ml = new MLContext(1);
        var shards = ShardDataView.Open(Path.Combine(tiny.Data, "test"));
        var stock = ml.Model.Load(Path.Combine(tiny.Model, "model.zip"), out _).Transform(shards);
        var ours = model.Transform(shards);
        Assert.Equal(
            ours.GetColumn<float[]>(ours.Schema["Parameters"]).SelectMany(p => p).Select(v => v * 1e9),
            stock.GetColumn<float[]>(stock.Schema["Parameters"]).SelectMany(p => p).Select(v => v * 1e9),
            (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(a)
        );
    }

    [Fact]
    public void Score_Recording_HasItsOwnInterval()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run", "--set", "known=[dt, C]").Code);
        var model = Path.Combine(tiny.Model, "model.onnx");
        var recording = Glifml.Path("datasets/recordings/569469018_sweep44.csv");

        var (missing, _, message) = Glifml.Run("score", "--model", model, recording);
        Assert.Equal(2, missing);
        Assert.Contains("found no C, which the model is told; expected it from --known C=VALUE", message, StringComparison.Ordinal);

        float Answer(params string[] known)
        {
            var (code, json, error) = Glifml.Run(["score", "--model", model, recording, "--json", .. known]);
            Assert.True(code == 0, error);
            return JsonDocument.Parse(json).RootElement[0].GetProperty("El").GetSingle();
        }

        var read = Answer("--known", "C=1e-10");
        Assert.Equal(read, Answer("--known", "C=1e-10", "--known", "dt=1e-4"));
        Assert.NotEqual(read, Answer("--known", "C=1e-10", "--known", "dt=2e-4"));
        Assert.NotEqual(read, Answer("--known", "C=2e-10"));
    }

    [Theory]
    [InlineData("C=1e-10", "--known: found 'C'; expected dt")]
    [InlineData("dt", "--known: found 'dt'; expected NAME=VALUE, such as C=1e-10")]
    [InlineData("dt=0,1", "--known: found 'dt=0,1'; expected NAME=VALUE, such as C=1e-10")]
    public void Score_UnknownKnown_IsRefused(string known, string message)
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("run", "--set", Dt).Code);

        var (code, _, error) = Glifml.Run(
            "score",
            "--model",
            Path.Combine(tiny.Model, "model.onnx"),
            Glifml.Path("datasets/recordings/569469018_sweep44.csv"),
            "--known",
            known
        );

        Assert.Equal(2, code);
        Assert.Equal($"glifml: {message}", error.TrimEnd());
    }

    [Theory]
    [InlineData("known=[dt, Cm]", "found unknown known parameter 'Cm'; ")]
    [InlineData("known=[dt, dt]", "found known parameter 'dt' twice; expected it once")]
    [InlineData("known=[C, El, R_input, dt, th_inf]", "; expected a parameter to be left to ask for")]
    public void Run_FaultyKnown_IsRefused(string set, string message)
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", set);

        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Run_KnownThatIsATarget_IsRefusedWhereItStands()
    {
        using var tiny = new TinyPipeline();
        File.AppendAllText(tiny.Definition, "\ntargets: [C, dt]\nknown: [dt]\n");
        var line = File.ReadLines(tiny.Definition).Count();

        var (code, _, error) = tiny.Run("run");

        Assert.Equal(2, code);
        Assert.Equal(
            $"glifml: {tiny.Definition}:{line}:9: known: found 'dt'; expected no target, because a model is not asked for what it is given",
            error.TrimEnd()
        );
    }

    [Fact]
    public void Run_KnownForTrees_IsAFeature()
    {
        using var tiny = new TinyPipeline();

        var (code, _, error) = tiny.Run("run", "--set", Dt, "--set", "pipeline=[{scale-targets: {C: log}}, trace-features, fast-tree]");

        Assert.Equal(("", 0), (error, code));
        using var model = OnnxModel.Load(Path.Combine(tiny.Model, "model.onnx"));
        Assert.Equal(["dt"], model.Info.Known.Select(k => k.Name));
    }
}
