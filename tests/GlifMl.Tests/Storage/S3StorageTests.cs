using Amazon.Runtime;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Storage;

/// <summary>Put, get and list against a server within the test, whole and with faults.</summary>
public sealed class S3StorageTests : IDisposable
{
    private const int PartBytes = 5 << 20;
    private readonly S3Server _server = new();
    private readonly TempFolder _folder = new();
    private readonly S3Storage _storage;

    public S3StorageTests() =>
        _storage = new(S3Connection.Open(_server.Address, new BasicAWSCredentials("key", "secret"))) { PartBytes = PartBytes };

    private static S3Address At(string key) => new(S3Server.Bucket, key);

    [Fact]
    public void List_MoreThanAPage_HasAllInOrder()
    {
        for (var n = 0; n < 11; n++)
            _server.Put($"data/train/file-{n:D2}", [(byte)n]);
        _server.Put("data/train/deeper/file", [1]);
        _server.Put("data/training", [1]);

        Assert.Equal(Enumerable.Range(0, 11).Select(n => $"file-{n:D2}"), _storage.List(At("data/train"), deep: false).Select(f => f.Name));
        Assert.Equal(12, _storage.List(At("data/train"), deep: true).Count());
        Assert.Empty(_storage.List(At("nowhere"), deep: true));
    }

    [Fact]
    public void Put_OnlyNew_LeavesWhatIsThere()
    {
        var path = Write("a", [1, 2, 3]);
        Assert.True(_storage.Put(At("x"), path, onlyNew: true));
        Assert.False(_storage.Put(At("x"), Write("b", [4]), onlyNew: true));
        Assert.Equal([1, 2, 3], _server.Files["x"]);
        Assert.True(_storage.Put(At("x"), _folder["b"]));
        Assert.Equal([4], _server.Files["x"]);
    }

    [Fact]
    public void Put_ServerWithoutConditions_ReplacesWhatIsThere()
    {
        var first = true;
        _server.Fault = (method, _) => method == "PUT" && first && !(first = false) ? 501 : null;
        Assert.True(_storage.Put(At("x"), Write("a", [1]), onlyNew: true));
        Assert.Equal([1], _server.Files["x"]);
    }

    [Fact]
    public void Put_LargeFile_GoesInParts()
    {
        var content = new byte[(2 * PartBytes) + 17];
        new Random(1).NextBytes(content);
        var path = Write("large", content);

        Assert.True(_storage.Put(At("large"), path, onlyNew: true));
        Assert.Equal(content, _server.Files["large"]);
        Assert.Equal(3, _server.Requests.Count(request => request == "PUT large 200"));
        Assert.False(_storage.Put(At("large"), path, onlyNew: true));

        _storage.Fetch(At("large"), _folder["back"]);
        Assert.Equal(content, File.ReadAllBytes(_folder["back"]));
        Assert.Equal(content.Length, _storage.LengthOf(At("large")));
        Assert.Null(_storage.LengthOf(At("small")));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(-1)]
    public void Anything_AnsweredTheSecondTime_IsDone(int fault)
    {
        var content = new byte[300_000];
        new Random(2).NextBytes(content);
        var faulty = new HashSet<string>();
        _server.Fault = (method, key) => faulty.Add($"{method} {key}") ? fault : null;

        Assert.True(_storage.Put(At("x"), Write("x", content)));
        _storage.Fetch(At("x"), _folder["back"]);
        Assert.Equal(content, File.ReadAllBytes(_folder["back"]));
        faulty.Remove("GET x");
        using var stream = new S3Stream(_storage, At("x"), content.Length);
        stream.Position = 1000;
        var part = new byte[290_000];
        stream.ReadExactly(part);
        Assert.Equal(content[1000..291_000], part);
        Assert.Single(_storage.List(At(""), deep: true));
    }

    [Fact]
    public void Fetch_ServerThatBreaksOff_LeavesNoFile()
    {
        _server.Put("x", new byte[100_000]);
        _server.Fault = (method, _) => method == "GET" ? -1 : null;
        var fault = Assert.Throws<InvalidDataException>(() => _storage.Fetch(At("x"), _folder["x"]));
        Assert.StartsWith("s3://lab/x: found no answer (", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder[""]));
    }

    [Fact]
    public void Faults_OfEveryKind_AreOneLine()
    {
        Assert.Equal(
            "s3://lab/gone: found no such file; expected one that is there",
            Assert.Throws<FileNotFoundException>(() => _storage.Fetch(At("gone"), _folder["x"])).Message
        );
        Assert.Equal(
            "s3://other: found no such bucket; expected one that is there",
            Assert.Throws<InvalidDataException>(() => _storage.List(new("other", ""), deep: true).Any()).Message
        );
        _server.Fault = (_, _) => 403;
        Assert.Equal(
            "s3://lab/x: found no right to what was asked (AccessDenied); "
                + "expected credentials that may, in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile",
            Assert.Throws<InvalidDataException>(() => _storage.Put(At("x"), Write("x", [1]))).Message
        );
        _server.Dispose();
        Assert.StartsWith(
            "s3://lab/x: found no answer (",
            Assert.Throws<InvalidDataException>(() => _storage.LengthOf(At("x"))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("s3://lab", "lab", "")]
    [InlineData("s3://lab/", "lab", "")]
    [InlineData("S3://lab/a//b/", "lab", "a/b")]
    public void Parse_Address_IsBucketAndKey(string text, string bucket, string key) =>
        Assert.Equal(new S3Address(bucket, key), S3Address.Parse(text));

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3://lab/../x")]
    public void Parse_NoAddress_IsRefused(string text) => Assert.Throws<ArgumentException>(() => S3Address.Parse(text));

    [Fact]
    public void Generate_ManyAtOnce_PutEachShardOnce()
    {
        // All look before any has put one: each makes all of them, and one of each is kept.
        const int Shards = 6;
        var files = new S3Folder(_storage, At("data/train"));
        var plan = HashedTraces.Plan("s3://lab/data", tracesPerShard: 10) with { Place = _ => files };
        var traces = new HashedTraces(new ShardSchema(8), 10 * Shards);
        Parallel.For(0, 3, _ => DatasetGenerator.Generate(traces, plan, ShardSelection.All, null, workers: 2, default));

        using var local = new TempFolder();
        var here = HashedTraces.Plan(local["data"], tracesPerShard: 10);
        DatasetGenerator.Generate(traces, here);
        Assert.Equal(
            Directory.GetFiles(here.SplitDirectory).Select(path => $"data/train/{Path.GetFileName(path)}").Order(StringComparer.Ordinal),
            _server.Files.Keys.Order(StringComparer.Ordinal)
        );
        foreach (var path in Directory.GetFiles(here.SplitDirectory))
            Assert.Equal(File.ReadAllBytes(path), _server.Files[$"data/train/{Path.GetFileName(path)}"]);
        bool IsPut(string request) =>
            request.StartsWith("PUT", StringComparison.Ordinal) && request.EndsWith(".parquet 200", StringComparison.Ordinal);
        Assert.Equal(Shards, _server.Requests.Count(IsPut));
        Assert.Equal(Shards, DatasetGenerator.Assemble(traces, plan));
    }

    [Fact]
    public void AddShard_WhereAnotherIs_LeavesThatAndItsChecksum()
    {
        const string Shard = "shard-00000-of-00001.parquet";
        var files = new S3Folder(_storage, At("data/train"));
        files.AddShard(Shard, path => Make(path, 1));
        var sum = _server.Files[$"data/train/{Shard}.sha256"];

        Assert.Throws<InvalidDataException>(() => files.AddShard(Shard, path => Make(path, 2)));
        Assert.Equal([1], _server.Files[$"data/train/{Shard}"]);
        Assert.Equal(sum, _server.Files[$"data/train/{Shard}.sha256"]);

        static void Make(string path, byte content)
        {
            File.WriteAllBytes(path, [content]);
            ShardChecksum.Write(path, ShardChecksum.Compute(path));
        }
    }

    [Fact]
    public void Model_OfSeveralMachines_LosesNothing()
    {
        _server.Put("models/a/model.onnx", [1]);
        _server.Put("models/a/checkpoint/last.ckpt", [2]);
        S3Model here = new(_storage, At("models/a")),
            there = new(_storage, At("models/a"));
        here.Fetch(_folder["here"]);
        there.Fetch(_folder["there"]);
        Assert.Equal([1], File.ReadAllBytes(_folder["here", "model.onnx"]));
        File.Delete(_folder["here", "checkpoint", "last.ckpt"]);
        File.WriteAllBytes(_folder["here", "model.onnx"], [3]);
        File.WriteAllBytes(_folder["here", "checkpoint", "lock"], []);
        File.WriteAllBytes(_folder["there", "checkpoint", "part"], [4]);
        there.Put(_folder["there"]);
        here.Put(_folder["here"]);
        Assert.Equal(["models/a/checkpoint/part", "models/a/model.onnx"], _server.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([3], _server.Files["models/a/model.onnx"]);

        // Killed before it put anything: what it left is newer than what is there.
        File.WriteAllBytes(_folder["here", "model.onnx"], [5, 6]);
        here.Fetch(_folder["here"]);
        Assert.Equal([5, 6], File.ReadAllBytes(_folder["here", "model.onnx"]));
        _server.Put("models/a/../../out", [7]);
        Assert.Throws<InvalidDataException>(() => here.Fetch(_folder["here"]));
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder[name], content);
        return _folder[name];
    }
}
