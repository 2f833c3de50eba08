using System.Text.Json;
using System.Text.Json.Nodes;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>What inspect says of each kind of file, for people and for programs.</summary>
[Collection(TorchTests.Name)]
public sealed class InspectTests(InspectTests.Trained trained) : IClassFixture<InspectTests.Trained>
{
    public static TheoryData<string, string> Kinds =>
        new()
        {
            { "shards", "{data}/test" },
            { "shards", "{data}/test/shard-00000-of-00001.parquet" },
            { "dataset", "{data}" },
            { "model", "{model}/model.onnx" },
            { "model-folder", "{model}" },
            { "recording", "{repository}/datasets/recordings/526950199_sweep37.csv" },
            { "stimulus", "{repository}/datasets/stimuli/case-study-noise-1.csv" },
            { "definition", "{repository}/pipelines/quickstart.yaml" },
            { "definition", "{model}/pipeline.yaml" },
            { "runs", "{repository}/pipelines/observations.yaml" },
            { "neuron", "{repository}/datasets/neurons/483101699_glif5.json" },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Inspect_EachKind_IsToldAsTextAndAsOneJsonObject(string kind, string path)
    {
        var file = trained.Resolve(path);
        var (code, text, error) = Glifml.Run("inspect", file);
        Assert.Equal(("", 0), (error, code));
        Assert.True(text.Split('\n').Length > 2, text);

        (code, text, error) = Glifml.Run("inspect", file, "--json");
        Assert.Equal(("", 0), (error, code));
        var json = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(kind, (string?)json["kind"]);
        Assert.Equal(file, (string?)json["path"]);
        AssertNoProse(json, "");
    }

    [Fact]
    public void Inspect_Model_HasNumbersAsNumbersAndParametersByName()
    {
        var json = Json("{model}/model.onnx");

        Assert.Equal(200, (int)json["samples"]!);
        Assert.Equal("VoltageMv", (string?)json["inputs"]![0]);
        Assert.Equal("C", (string?)json["parameters"]![0]!["name"]);
        Assert.InRange((double)json["parameters"]![0]!["trainingRange"]!["minimum"]!, 30e-12, 400e-12);
        Assert.True((long)json["bytes"]! > 1000);
    }

    [Fact]
    public void Inspect_ModelFolder_HasItsFilesAndFigures()
    {
        var json = Json("{model}");

        Assert.Equal("tiny", (string?)json["metrics"]!["pipeline"]);
        Assert.Equal("model", (string?)json["model"]!["kind"]);
        Assert.True((long)json["files"]!["model.onnx"]! > 1000);
        Assert.Contains("name: tiny", (string?)json["definition"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Inspect_Neuron_IsToldItsModel(int level)
    {
        var json = Json($"{{repository}}/datasets/neurons/483101699_glif{level}.json");

        Assert.Equal($"GLIF{level}", (string?)json["model"]);
        Assert.InRange((double)json["parameters"]!["C"]!, 1e-12, 1e-9);
        Assert.InRange((double)json["rheobaseAmperes"]!, 1e-11, 1e-9);
    }

    [Fact]
    public void Inspect_RunList_HasItsQuestions()
    {
        var json = Json("{repository}/pipelines/observations.yaml");

        Assert.Equal([1, 2, 3], json["seeds"]!.AsArray().Select(seed => (int)seed!));
        Assert.All(json["runs"]!.AsObject(), question => Assert.NotEmpty(question.Value!.AsArray()));
    }

    [Fact]
    public void Inspect_WhatIsNothing_IsNamed()
    {
        var (code, _, error) = Glifml.Run("inspect", Glifml.Path("LICENSE"));

        Assert.Equal(2, code);
        Assert.EndsWith(
            "found ending ''; expected .parquet, .onnx, .nwb, .abf, .ibw, .csv, .yaml or .json\n",
            error,
            StringComparison.Ordinal
        );
    }

    private JsonObject Json(string path) => JsonNode.Parse(Glifml.Run("inspect", trained.Resolve(path), "--json").Output)!.AsObject();

    /// <summary>Keys are names, and no value but a definition's text lists several things for a program to take apart.</summary>
    private static void AssertNoProse(JsonNode? node, string key)
    {
        switch (node)
        {
            case JsonObject entries:
                Assert.All(entries, entry => AssertNoProse(entry.Value, entry.Key));
                break;
            case JsonArray items:
                Assert.All(items, item => AssertNoProse(item, key));
                break;
            case JsonValue value
                when value.GetValueKind() == JsonValueKind.String && key is not ("definition" or "path" or "floorNote" or "note"):
                Assert.DoesNotContain(", ", value.GetValue<string>(), StringComparison.Ordinal);
                break;
        }
    }

    /// <summary>One small trained model for all tests.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TinyPipeline _tiny = new();

        public Trained()
        {
            var (code, _, error) = _tiny.Run("run");
            Assert.True(code == 0, error);
        }

        public string Resolve(string path) =>
            path.Replace("{data}", _tiny.Data, StringComparison.Ordinal)
                .Replace("{model}", _tiny.Model, StringComparison.Ordinal)
                .Replace("{repository}", Glifml.Repository, StringComparison.Ordinal);

        public void Dispose() => _tiny.Dispose();
    }

    [Fact]
    public void Inspect_RecordingWithOut_DrawsEachSweep()
    {
        using var folder = new TempFolder();

        var (code, output, error) = Glifml.Run(
            "inspect",
            Glifml.Path("datasets/recordings/526950199_sweep37.csv"),
            "--out",
            folder["page"]
        );

        Assert.Equal(0, code);
        Assert.Contains("22, threshold", output, StringComparison.Ordinal);
        Assert.Contains(folder["page/report.html"], error, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(folder["page/report.html"]), StringComparison.Ordinal);
        Assert.True(File.Exists(folder["page/figures/sweep-0.png"]));
    }

    [Fact]
    public void Inspect_OtherThanARecordingWithOut_IsRefused()
    {
        var (code, _, error) = Glifml.Run("inspect", Glifml.Path("pipelines/quickstart.yaml"), "--out", "page");

        Assert.Equal(2, code);
        Assert.Contains("expected a recording", error, StringComparison.Ordinal);
    }
}
