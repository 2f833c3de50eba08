using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Onnx;

namespace GlifMl.Tests.Pipelines.Scoring;

/// <summary>The manifest beside shards that somebody names.</summary>
public sealed class ShardRowsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("\"split\":", "\"split\"", "found no valid JSON; expected a dataset manifest")]
    [InlineData("\"rows\": 100", "\"rows\": \"a\"", "found no valid JSON at $.shards[0].rows; expected a dataset manifest")]
    [InlineData(
        "\"traces\": 100",
        "\"traces\": 99",
        "found a manifest of 1 shards of 99 traces; expected 1 of 100, as the shards beside it"
    )]
    [InlineData("\"definitionHash\": \"0", "\"definitionHash\": \"f", "found a manifest of definition f123")]
    public void Commands_ManifestThatIsNotOfTheShards_RefuseIt(string old, string changed, string expected)
    {
        var shards = ScoredShards.Generate(_folder["data"], 100);
        var manifest = Path.Combine(shards, "manifest.json");
        var text = File.ReadAllText(manifest);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(manifest, text.Replace(old, changed, StringComparison.Ordinal));
        File.WriteAllBytes(_folder["model.onnx"], TestModels.Bytes(TestModels.Info()));

        Refused("inspect", shards);
        Refused("score", "--model", _folder["model.onnx"], shards, "--out", _folder["scores.csv"], "--quiet");
        Assert.False(File.Exists(_folder["scores.csv"]));
        // A shard by its name stands for itself.
        Assert.Equal(0, Glifml.Run("inspect", Directory.GetFiles(shards, "*.parquet")[0]).Code);

        void Refused(params string[] command)
        {
            var (code, _, error) = Glifml.Run(command);
            Assert.Equal((2, 1), (code, error.Count(c => c == '\n')));
            Assert.StartsWith($"glifml: {manifest}: {expected}", error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();
}
