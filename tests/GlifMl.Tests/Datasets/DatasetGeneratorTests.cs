using System.Collections.Concurrent;
using CsCheck;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

public sealed class DatasetGeneratorTests
{
    private static readonly ShardSchema Schema = new(25, hasStimulus: true);

    [Fact]
    public void Generate_AnyWorkersAndPartsInAnyOrder_GivesTheSameFiles()
    {
        using TempFolder folder = new();
        HashedTraces source = new(Schema, 107);
        DatasetGenerator.Generate(source, HashedTraces.Plan(folder["whole"]));
        var whole = Files(folder["whole"]);
        Assert.Equal(13, whole.Count); // six shards, their checksums, the manifest

        var run = 0;
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 5], Gen.Int[0, 1000])
            .Sample(
                (parts, workers, seed) =>
                {
                    var directory = folder[$"parts{Interlocked.Increment(ref run)}"];
                    int[] order = [.. Enumerable.Range(0, parts)];
                    new Random(seed).Shuffle(order);
                    foreach (var part in order)
                        DatasetGenerator.Generate(
                            source,
                            HashedTraces.Plan(directory),
                            new ShardSelection(part, parts),
                            null,
                            workers,
                            CancellationToken.None
                        );
                    Assert.Equivalent(whole, Files(directory), strict: true);
                },
                iter: 12
            );
    }

    [Fact]
    public void Generate_PartOfTheShards_WritesNoManifestUntilAllAreThere()
    {
        using TempFolder folder = new();
        HashedTraces source = new(Schema, 50);
        var plan = HashedTraces.Plan(folder.Path);
        Assert.Null(DatasetGenerator.Generate(source, plan, new ShardSelection(1, 3)).Manifest);
        Assert.Equal(["shard-00001-of-00003.parquet", "shard-00001-of-00003.parquet.sha256"], Names(plan.SplitDirectory));
        Assert.Null(DatasetGenerator.Generate(source, plan, new ShardSelection(2, 3)).Manifest);
        var last = DatasetGenerator.Generate(source, plan, new ShardSelection(0, 3));
        Assert.Equal((1, 0), (last.Made, last.Kept));
        Assert.Equal(50, last.Manifest!.Traces);
        Assert.Equal((0, 0), Counts(DatasetGenerator.Generate(source, plan, new ShardSelection(5, 6))));
    }

    [Fact]
    public void Generate_ShardsThereAndValid_KeepsThemAndMakesTheRest()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan);
        var middle = plan.ShardPath(1, 3);
        var bytes = File.ReadAllBytes(middle);
        File.Delete(middle);

        ConcurrentBag<long> filled = [];
        var again = DatasetGenerator.Generate(new HashedTraces(Schema, 50) { BeforeFill = filled.Add }, plan);

        Assert.Equal((1, 2), Counts(again));
        Assert.Equal([20L, 28, 36], filled.Order());
        Assert.Equal(bytes, File.ReadAllBytes(middle));
    }

    [Fact]
    public void Generate_LeftoversOfAKilledRun_AreCleanedAndMadeAgain()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        Directory.CreateDirectory(plan.SplitDirectory);
        File.WriteAllText(TemporaryName.Beside(plan.ShardPath(0, 3), process: int.MaxValue, start: 1, n: 1), "half a shard");
        File.WriteAllText(TemporaryName.Beside(Path.Combine(plan.SplitDirectory, "manifest.json"), int.MaxValue, 1, 2), "{");
        // A run killed between its checksum and its rename:
        ShardChecksum.Write(plan.ShardPath(1, 3), new string('a', 64));

        Assert.Equal((3, 0), Counts(DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan)));
        Assert.DoesNotContain(Names(plan.SplitDirectory), name => name!.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal((0, 3), Counts(DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan)));
    }

    [Fact]
    public async Task Generate_SeveralAtOnceInOneFolder_EndsInTheSameFiles()
    {
        using TempFolder folder = new();
        DatasetGenerator.Generate(new HashedTraces(Schema, 107), HashedTraces.Plan(folder["alone"]));

        for (var round = 0; round < 8; round++)
        {
            var directory = folder[$"shared{round}"];
            var results = await Task.WhenAll(
                Enumerable
                    .Range(0, 5)
                    .Select(_ => Task.Run(() => DatasetGenerator.Generate(new HashedTraces(Schema, 107), HashedTraces.Plan(directory))))
            );

            Assert.All(results, result => Assert.NotNull(result.Manifest));
            Assert.Equivalent(Files(folder["alone"]), Files(directory), strict: true);
        }
    }

    [Fact]
    public void Generate_ShardOfAnotherDatasetAppearsMeanwhile_IsRefusedAndLeft()
    {
        using TempFolder folder = new();
        var (mine, other) = (HashedTraces.Plan(folder["mine"]), HashedTraces.Plan(folder["other"], definition: "another"));
        DatasetGenerator.Generate(new HashedTraces(Schema, 50), other);
        HashedTraces source = new(Schema, 50)
        {
            BeforeFill = first =>
            {
                foreach (var file in first == 0 ? Directory.GetFiles(other.SplitDirectory, "shard-00000*") : [])
                    File.Copy(file, Path.Combine(mine.SplitDirectory, Path.GetFileName(file)));
            },
        };

        var message = Assert.Throws<InvalidDataException>(() => DatasetGenerator.Generate(source, mine)).Message;

        Assert.StartsWith($"{mine.ShardPath(0, 3)}: found ", message, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(other.SplitDirectory, "shard-00000*"))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(mine.SplitDirectory, Path.GetFileName(file))));
    }

    [Fact]
    public void Generate_OnePartBesideAnother_LeavesTheOthersTemporaryFile()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        Directory.CreateDirectory(plan.SplitDirectory);
        // The process that started this one runs as long.
        var others = TemporaryName.Beside(plan.ShardPath(0, 3), process: 1, TemporaryName.StartOf(1)!.Value, n: 1);
        File.WriteAllText(others, "under way");
        DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan, new ShardSelection(1, 3));
        Assert.True(File.Exists(others));
    }

    [Fact]
    public void Generate_Cancelled_KeepsFinishedShardsOnly()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        using CancellationTokenSource cancel = new();
        HashedTraces source = new(Schema, 50)
        {
            BeforeFill = first =>
            {
                if (first == 28)
                    cancel.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() =>
            DatasetGenerator.Generate(source, plan, ShardSelection.All, null, workers: 1, cancel.Token)
        );
        Assert.Equal(["shard-00000-of-00003.parquet", "shard-00000-of-00003.parquet.sha256"], Names(plan.SplitDirectory));
        Assert.Equal((2, 1), Counts(DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan)));
    }

    [Fact]
    public void Generate_SourceFails_ThrowsItsExceptionAndLeavesNoTemporaryFile()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        HashedTraces source = new(Schema, 50)
        {
            BeforeFill = first =>
            {
                if (first == 48)
                    throw new InvalidDataException("bad neuron");
            },
        };
        Assert.Equal("bad neuron", Assert.Throws<InvalidDataException>(() => DatasetGenerator.Generate(source, plan)).Message);
        Assert.DoesNotContain(Names(plan.SplitDirectory), name => name!.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Generate_Always_ReportsEveryTraceOnce()
    {
        using TempFolder folder = new();
        ConcurrentQueue<GenerationProgress> reports = [];
        DatasetGenerator.Generate(new HashedTraces(Schema, 50), HashedTraces.Plan(folder.Path), progress: new Listener(reports.Enqueue));
        Assert.Equal(new GenerationProgress(50, 50, 3, 3), reports.Last());
        Assert.Equal(reports.Select(report => report.TracesDone).Order(), reports.Select(report => report.TracesDone));
    }

    [Fact]
    public void Generate_NoTraces_IsRefused()
    {
        using TempFolder folder = new();
        var e = Assert.ThrowsAny<ArgumentException>(() =>
            DatasetGenerator.Generate(new HashedTraces(Schema, 0), HashedTraces.Plan(folder.Path))
        );
        Assert.StartsWith("split train: found 0 traces; expected at least 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ManifestOfASplit_ReturnsWhatWasGenerated()
    {
        using TempFolder folder = new();
        var plan = HashedTraces.Plan(folder.Path);
        var made = DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan).Manifest!;
        var loaded = Manifest.Load(plan.SplitDirectory);
        Assert.Equal(made.Shards, loaded.Shards);
        Assert.Equal(Schema, loaded.Schema);
        Assert.Equal(["noise", "traces"], loaded.Seeds.Keys);
        Assert.Equal([20L, 20, 10], loaded.Shards.Select(shard => shard.Rows));
        Assert.Equal(
            (plan.DefinitionHash, "train", "200000 Hz", 50L),
            (loaded.DefinitionHash, loaded.Split, loaded.SamplingRate, loaded.Traces)
        );
    }

    [Theory]
    [InlineData("shard-00003-of-00010.parquet", 10, 3)]
    [InlineData("shard-1234567-of-2000000.parquet", 2_000_000, 1_234_567)]
    [InlineData("shard-00010-of-00010.parquet", 10, null)]
    [InlineData("shard-00003-of-00011.parquet", 10, null)]
    [InlineData("shard-3-of-00010.parquet", 10, null)]
    [InlineData("shard-.parquet", 10, null)]
    [InlineData("other.parquet", 10, null)]
    public void IndexOf_NameOfAFile_IsTheShardsNumber(string name, int count, int? expected) =>
        Assert.Equal(expected, ShardName.IndexOf(name, count));

    [Theory]
    [InlineData("3/10", 3, 10)]
    [InlineData("0/1", 0, 1)]
    public void Parse_PartOfShards_ReturnsIt(string text, int index, int count) =>
        Assert.Equal(new ShardSelection(index, count), ShardSelection.Parse(text));

    [Theory]
    [InlineData("10/10")]
    [InlineData("-1/3")]
    [InlineData("1")]
    [InlineData("1/0")]
    [InlineData("1/2/3")]
    public void Parse_OtherText_IsRefused(string text) =>
        Assert.Equal(
            $"found shard '{text}'; expected I/N with I from 0 to N - 1, such as 3/10",
            Assert.Throws<FormatException>(() => ShardSelection.Parse(text)).Message
        );

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 2)]
    [InlineData(2, 2)]
    public void Constructor_PartThatIsNone_IsRefused(int index, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardSelection(index, count));

    private static (int Made, int Kept) Counts(GenerationResult result) => (result.Made, result.Kept);

    private static IEnumerable<string?> Names(string directory) =>
        Directory.GetFiles(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static Dictionary<string, byte[]> Files(string directory) =>
        Directory
            .GetFiles(directory, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(directory, file), File.ReadAllBytes);

    private sealed class Listener(Action<GenerationProgress> heard) : IProgress<GenerationProgress>
    {
        public void Report(GenerationProgress value) => heard(value);
    }
}
