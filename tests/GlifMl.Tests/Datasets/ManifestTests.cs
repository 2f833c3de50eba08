using System.Text.Json;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>Manifests, of a few shards and of very many. Alone: the heap is everybody's.</summary>
[Collection(Cli.AloneTests.Name)]
public sealed class ManifestTests : IDisposable
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
    };

    private readonly TempFolder _folder = new();

    [Fact]
    public void Save_ShardsMadeMeanwhile_WritesTheBytesOfAListInMemory()
    {
        ManifestShard[] shards = [.. Shards(1000)];

        Of(1000, new ManifestShards(1000, () => Shards(1000))).Save(_folder.Path);

        Assert.Equal(JsonSerializer.Serialize(Of(1000, shards), Options) + "\n", File.ReadAllText(_folder["manifest.json"]));
        Assert.Equal(shards, Manifest.Load(_folder.Path).Shards);
        Assert.Equal(shards[7], Manifest.Load(_folder.Path).Shards[7]);
    }

    [Fact]
    public void Load_ManyShards_KeepsNoneOfThem()
    {
        const int count = 300_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        Of(count, new ManifestShards(count, () => Watched(Shards(count)))).Save(_folder.Path);
        var manifest = Manifest.Load(_folder.Path);

        Assert.Equal((count, count * 500L), (manifest.Shards.Count, Watched(manifest.Shards).Sum(shard => shard.Rows)));
        Assert.Equal(
            Name(count - 1).GetHashCode(StringComparison.Ordinal).ToString("x64", null),
            Manifest.Sha256Of(_folder.Path, Name(count - 1))
        );
        Assert.Equal("hash", Manifest.DefinitionHashOf(_folder.Path));
        // As a list they take some 90 MB.
        Assert.InRange(most - before, long.MinValue, 30L << 20);

        IEnumerable<ManifestShard> Watched(IEnumerable<ManifestShard> shards)
        {
            foreach (var (index, shard) in shards.Index())
            {
                if (index % 50_000 == 49_999)
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
                yield return shard;
            }
        }
    }

    [Theory]
    [InlineData("", "no valid JSON")]
    [InlineData("{}", "no valid JSON at $")]
    [InlineData("{\"shards\": 3}", "no valid JSON at $.shards")]
    [InlineData("{\"shards\": [{\"file\": \"a\", \"rows\": \"b\", \"bytes\": 1, \"sha256\": \"\"}]}", "no valid JSON at $.shards[0].rows")]
    [InlineData("{\"shards\": [] } x", "no valid JSON")]
    [InlineData("{\"split\": \"a\"", "no valid JSON")]
    public void Load_ADamagedManifest_IsNamed(string text, string found)
    {
        File.WriteAllText(_folder["manifest.json"], text);

        var e = Assert.Throws<InvalidDataException>(() => Manifest.Load(_folder.Path));
        Assert.Equal($"{_folder["manifest.json"]}: found {found}; expected a dataset manifest", e.Message);
    }

    [Fact]
    public void Load_AnyOrderAndKeysOfOthers_ReadsIt()
    {
        File.WriteAllText(
            _folder["manifest.json"],
            """
            {"shards":[{"sha256":"c","file":"a","rows":2,"bytes":3,"more":[1,{}]}],"more":{"a":[1]},"traces":2,"schemaVersion":1,
             "split":"train","definitionHash":"b",
             "seeds":{"definition":1},"samplingRate":"1/dt","schema":{"samples":4,"hasStimulus":false,"targets":["C"]}}
            """
        );

        Assert.Equal([new ManifestShard("a", 2, 3, "c")], Manifest.Load(_folder.Path).Shards);
        Assert.Equal("b", Manifest.DefinitionHashOf(_folder.Path));
        Assert.Equal("c", Manifest.Sha256Of(_folder.Path, "a"));
    }

    public void Dispose() => _folder.Dispose();

    private static string Name(int shard) => $"shard-{shard:D5}-of-300000.parquet";

    private static IEnumerable<ManifestShard> Shards(int count) =>
        Enumerable
            .Range(0, count)
            .Select(shard => new ManifestShard(
                Name(shard),
                500,
                12345678,
                Name(shard).GetHashCode(StringComparison.Ordinal).ToString("x64", null)
            ));

    private static Manifest Of(int count, IReadOnlyList<ManifestShard> shards) =>
        new(1, "train", "hash", new Dictionary<string, long> { ["definition"] = 1 }, "1/dt", count * 500L, new ShardSchema(4), shards);
}
