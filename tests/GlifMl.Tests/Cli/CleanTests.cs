using System.Text.Json.Nodes;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

/// <summary>What glifml clean lists and removes, and above all what it leaves.</summary>
[Collection(TorchTests.Name)]
public sealed class CleanTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();
    private readonly TempFolder _folder = new();
    private readonly string _named,
        _unnamed;

    /// <summary>A model, the dataset that it was trained on, and another dataset.</summary>
    public CleanTests()
    {
        (_named, _unnamed) = (_folder["shards", "a"], _folder["shards", "b"]);
        Succeeds("run", _tiny.Definition, "--data", _named, "--output", _folder["models", "sub", "tiny"], "--quiet");
        Succeeds("generate", _tiny.Definition, "--data", _unnamed, "--set", "seed=8", "--quiet");
        Age(_named);
        Age(_unnamed);
    }

    public void Dispose()
    {
        _tiny.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Clean_ByDefault_ListsAndRemovesNothing()
    {
        Assert.Equal([("a", "named", false), ("b", "unnamed", false)], Clean());
        Assert.Contains("1 of 2 datasets", Succeeds(Arguments()), StringComparison.Ordinal);
        Assert.True(Directory.Exists(_unnamed));
    }

    [Fact]
    public void Clean_Yes_RemovesWhatNoModelNames()
    {
        Assert.Equal([("a", "named", false), ("b", "unnamed", true)], Clean("--yes"));
        Assert.False(Directory.Exists(_unnamed));
        Assert.Equal([("a", "named", false)], Clean("--yes"));
        Assert.True(File.Exists(Path.Combine(_named, "train", "manifest.json")));
    }

    [Theory]
    [InlineData("model.onnx", "metrics.json")]
    [InlineData("pipeline.yaml", "metrics.json")]
    [InlineData("model.onnx", "pipeline.yaml")]
    public void Clean_ModelThatSaysSoOnlyOnce_StillNamesItsData(params string[] gone)
    {
        foreach (var file in gone)
            File.Delete(_folder["models", "sub", "tiny", file]);

        Assert.Equal([("a", "named", false), ("b", "unnamed", true)], Clean("--yes"));
    }

    [Fact]
    public void Clean_ModelThatCannotBeRead_StopsEverything()
    {
        Directory.CreateDirectory(_folder["models", "broken"]);
        File.WriteAllText(_folder["models", "broken", "pipeline.yaml"], "- what");

        var (code, _, error) = Glifml.Run(Arguments("--yes"));

        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {_folder["models", "broken"]}: found nothing that says", error, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_unnamed));
    }

    [Fact]
    public void Clean_NoModels_IsRefused()
    {
        var (code, _, error) = Glifml.Run("clean", "--data", _folder["shards"], "--models", _folder["none"], "--yes");

        Assert.Equal(2, code);
        Assert.Equal($"glifml: found no folder {_folder["none"]}; expected one that holds models", error.TrimEnd());
        Assert.True(Directory.Exists(_unnamed));
    }

    [Fact]
    public void Clean_WhatALiveProcessWrites_Stays()
    {
        var unfinished = TemporaryName.Beside(Path.Combine(_unnamed, "test", "shard-00000-of-00001.parquet"));
        File.WriteAllText(unfinished, "");
        File.SetLastWriteTimeUtc(unfinished, DateTime.UtcNow.AddHours(-3));
        Assert.Equal([("a", "named", false), ("b", "busy", false)], Clean("--yes"));

        File.Delete(unfinished);
        File.SetLastWriteTimeUtc(Path.Combine(_unnamed, "train", "manifest.json"), DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal([("a", "named", false), ("b", "busy", false)], Clean("--yes"));
        Assert.True(Directory.Exists(_unnamed));
    }

    [Fact]
    public void Clean_WhatADeadProcessLeft_Goes()
    {
        var left = TemporaryName.Beside(Path.Combine(_unnamed, "test", "x.parquet"), int.MaxValue, 1, 1);
        File.WriteAllText(left, "");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddHours(-3));

        Assert.Equal([("a", "named", false), ("b", "unnamed", true)], Clean("--yes"));
        Assert.False(Directory.Exists(_unnamed));
    }

    [Fact]
    public void Clean_FilesOfOthers_AreLeft()
    {
        var note = Path.Combine(_unnamed, "notes.txt");
        File.WriteAllText(note, "mine");
        Directory.CreateDirectory(_folder["shards", "no-dataset"]);

        var (code, _, error) = Glifml.Run(Arguments("--yes"));

        Assert.Equal(0, code);
        Assert.Contains("other files in it were left", error, StringComparison.Ordinal);
        Assert.Equal([note], Directory.GetFileSystemEntries(_unnamed));
        Assert.True(Directory.Exists(_folder["shards", "no-dataset"]));
    }

    private (string Name, string Status, bool Removed)[] Clean(params string[] more) =>
        [
            .. JsonNode
                .Parse(Succeeds(Arguments([.. more, "--json"])))!
                .AsArray()
                .Select(d => (Path.GetFileName((string)d!["path"]!), (string)d["status"]!, (bool)d["removed"]!)),
        ];

    private string[] Arguments(params string[] more) => ["clean", "--data", _folder["shards"], "--models", _folder["models"], .. more];

    private static string Succeeds(params string[] arguments)
    {
        var (code, output, error) = Glifml.Run(arguments);
        Assert.True(code == 0, error);
        return output;
    }

    private static void Age(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-2));
    }
}
