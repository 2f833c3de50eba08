using GlifMl.Datasets;
using Parquet;
using Parquet.Schema;

namespace GlifMl.Tests.Datasets;

/// <summary>Every fault of a file gives one line: found, expected, where, and what to do.</summary>
public sealed class DatasetErrorTests
{
    private const string Again = "delete it to make it again, or choose another --data";
    private static readonly ShardSchema Schema = new(25);

    [Fact]
    public void Generate_CorruptShard_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        var whole = ShardChecksum.Compute(shard);
        var bytes = File.ReadAllBytes(shard);
        bytes[100] ^= 1;
        File.WriteAllBytes(shard, bytes);
        var found = ShardChecksum.Compute(shard);
        AssertRefused(plan, $"{shard}: found SHA-256 {found[..16]}; expected {whole[..16]}: the shard is corrupt; {Again}");
        Assert.Equal(bytes, File.ReadAllBytes(shard));
    }

    [Fact]
    public void Generate_ShardOfOtherDefinition_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        File.Delete(Path.Combine(plan.SplitDirectory, Manifest.FileName));
        AssertRefused(
            plan with
            {
                DefinitionHash = "another-definition",
            },
            $"{shard}: found definition 0123456789abcdef; expected another-definiti: the shard belongs to another dataset; {Again}"
        );
    }

    [Fact]
    public void Generate_ManifestOfOtherDefinition_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, _) = Generated(folder);
        AssertRefused(
            plan with
            {
                DefinitionHash = "another-definition",
            },
            $"{Path.Combine(plan.SplitDirectory, "manifest.json")}: found a manifest of definition 0123456789abcdef; "
                + $"expected another-definiti: the folder belongs to another dataset; {Again}"
        );
    }

    [Fact]
    public void Generate_ShardsOfOtherSize_AreNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        AssertRefused(
            plan with
            {
                TracesPerShard = 10,
            },
            $"{shard}: found another Parquet file; expected shard-00000-of-00005.parquet to shard-00004-of-00005.parquet: it belongs "
                + $"to another dataset; {Again}"
        );
    }

    [Fact]
    public void Generate_ShardOfOtherSchema_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        var message = Assert
            .Throws<InvalidDataException>(() =>
                DatasetGenerator.Generate(
                    new HashedTraces(new ShardSchema(26), 50),
                    plan,
                    ShardSelection.All,
                    null,
                    workers: 1,
                    CancellationToken.None
                )
            )
            .Message;
        Assert.Equal(
            $"{shard}: found schema 25 samples, no stimulus, targets C, El, R_input, dt, th_inf; "
                + $"expected 26 samples, no stimulus, targets C, El, R_input, dt, th_inf: the shard belongs to another dataset; {Again}",
            message
        );
    }

    [Fact]
    public void Generate_ShardWithoutChecksum_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        File.Delete(shard + ".sha256");
        AssertRefused(
            plan,
            $"{shard}: found no shard-00000-of-00003.parquet.sha256 beside it; expected the checksum written with the shard: {Again}"
        );
    }

    [Fact]
    public void Generate_ChecksumFileWithOtherText_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        File.WriteAllText(shard + ".sha256", "nothing");
        AssertRefused(
            plan,
            $"{shard}.sha256: found other text; expected one line of SHA-256 and file name: delete it and its shard to make them "
                + "again, or choose another --data"
        );
    }

    [Theory]
    [InlineData("[1]", "no valid JSON at $")]
    [InlineData(
        "{\"schemaVersion\": 2, \"split\": \"a\", \"definitionHash\": \"b\", \"seeds\": {}, \"samplingRate\": \"c\", \"traces\": 1, "
            + "\"schema\": {\"samples\": 1, \"hasStimulus\": false, \"targets\": [\"C\"]}, \"shards\": []}",
        "schema version 2"
    )]
    public void Load_OtherManifest_IsNamed(string text, string found)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["manifest.json"], text);
        AssertMessage<InvalidDataException>(
            $"{folder["manifest.json"]}: found {found}; expected a dataset manifest",
            () => Manifest.Load(folder.Path)
        );
    }

    [Fact]
    public void Load_NoManifest_IsNamed()
    {
        using TempFolder folder = new();
        AssertMessage<FileNotFoundException>(
            $"{folder["manifest.json"]}: found no such file; expected the manifest of a complete split",
            () => Manifest.Load(folder.Path)
        );
    }

    [Fact]
    public void Open_NoFolder_IsNamed()
    {
        using TempFolder folder = new();
        AssertMessage<DirectoryNotFoundException>(
            $"{folder["none"]}: found no such folder; expected one with shards",
            () => ShardDataView.Open(folder["none"])
        );
    }

    [Fact]
    public void Open_NoShards_IsNamed()
    {
        using TempFolder folder = new();
        AssertMessage<InvalidDataException>(
            $"{folder.Path}: found no *.parquet file; expected shards",
            () => ShardDataView.Open(folder.Path)
        );
    }

    [Fact]
    public void Open_MissingFile_IsNamed()
    {
        using TempFolder folder = new();
        AssertMessage<FileNotFoundException>(
            $"{folder["a.parquet"]}: found no such file; expected a shard",
            () => ShardDataView.Open([folder["a.parquet"]])
        );
    }

    [Fact]
    public void Open_MissingShardOfASplit_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        File.Delete(shard);
        AssertMessage<InvalidDataException>(
            $"{plan.SplitDirectory}: found 2 of 3 shards; expected all, of which shard-00000-of-00003.parquet is the first missing: "
                + "generate the rest",
            () => ShardDataView.Open(plan.SplitDirectory)
        );
    }

    [Fact]
    public void Open_CopyOfAShard_IsNamed()
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        var copy = Path.Combine(plan.SplitDirectory, "shard-copy.parquet");
        File.Copy(shard, copy);
        AssertMessage<InvalidDataException>(
            $"{copy}: found shard 0 of 3 under this name; expected shard-00000-of-00003.parquet",
            () => ShardDataView.Open(plan.SplitDirectory)
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(500)]
    [InlineData(-1)]
    [InlineData(-300)]
    public void Open_TruncatedShard_IsNamed(int keep)
    {
        using TempFolder folder = new();
        (var plan, var shard) = Generated(folder);
        var bytes = File.ReadAllBytes(shard);
        File.WriteAllBytes(shard, bytes[..(keep < 0 ? bytes.Length + keep : keep)]);
        var message = Assert.Throws<InvalidDataException>(() => ShardDataView.Open(plan.SplitDirectory)).Message;
        Assert.StartsWith(
            $"{shard}: found a truncated or damaged file; expected a whole Parquet file (",
            message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Open_AnyDamage_GivesTheSameRowsOrOneClearLine()
    {
        using TempFolder folder = new();
        (_, var shard) = Generated(folder);
        var bytes = File.ReadAllBytes(shard);
        var damaged = folder["damaged.parquet"];
        Random random = new(3);
        var refused = 0;
        for (var trial = 0; trial < 150; trial++)
        {
            byte[] copy = [.. bytes];
            for (var flip = 0; flip < 8; flip++)
                copy[random.Next(copy.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(damaged, copy);
            try
            {
                var view = ShardDataView.Open(damaged);
                using var reader = view.OpenReader();
                foreach (var group in view.RowGroups)
                    reader.Read(group, new TraceBatch(view.ShardSchema, group.Rows));
            }
            catch (InvalidDataException e)
            {
                refused++;
                Assert.StartsWith(damaged, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        Assert.True(refused > 50);
    }

    [Fact]
    public void Open_MixedDefinitions_AreNamed()
    {
        using TempFolder folder = new();
        var a = WriteShard(folder["a.parquet"], Schema, ShardRoundTripTests.Metadata);
        var b = WriteShard(folder["b.parquet"], Schema, ShardRoundTripTests.Metadata with { DefinitionHash = "another-definition" });
        AssertMessage<InvalidDataException>(
            $"{b}: found definition another-definiti; expected 0123456789abcdef as in {a}",
            () => ShardDataView.Open([a, b])
        );
    }

    [Fact]
    public void Open_OtherLength_IsNamed()
    {
        using TempFolder folder = new();
        var a = WriteShard(folder["a.parquet"], Schema, ShardRoundTripTests.Metadata);
        var b = WriteShard(folder["b.parquet"], new ShardSchema(26, hasStimulus: true, ["C"]), ShardRoundTripTests.Metadata);
        AssertMessage<InvalidDataException>(
            $"{b}: found 26 samples, with stimulus, targets C; "
                + $"expected 25 samples, no stimulus, targets C, El, R_input, dt, th_inf as in {a}",
            () => ShardDataView.Open([a, b])
        );
    }

    [Fact]
    public async Task Open_ForeignParquet_IsNamed()
    {
        using TempFolder folder = new();
        var path = folder["foreign.parquet"];
        await WriteParquet(path, new ParquetSchema(new DataField<double>("C")), []);
        AssertMessage<InvalidDataException>(
            $"{path}: found a Parquet file without glifml metadata; expected a shard",
            () => ShardDataView.Open(path)
        );
    }

    [Fact]
    public async Task Open_OtherSchemaVersion_IsNamed()
    {
        using TempFolder folder = new();
        var path = folder["new.parquet"];
        await WriteParquet(path, new ParquetSchema(new DataField<double>("C")), new() { ["glifml.schema_version"] = "2" });
        AssertMessage<InvalidDataException>($"{path}: found shard schema version 2; expected 1", () => ShardDataView.Open(path));
    }

    [Theory]
    [InlineData("VoltageMv", false, "found no column VoltageMv; expected it in every shard")]
    [InlineData("StimulusId", false, "found no column StimulusId; expected it in every shard")]
    [InlineData("VoltageMv", true, "found column VoltageMv of type String; expected list of Single")]
    [InlineData("SpikeCount", true, "found column SpikeCount of type String; expected Int32")]
    [InlineData("TraceId", true, "found column TraceId of type String; expected Int64")]
    [InlineData("El", true, "found column El of type String; expected Double")]
    public async Task Open_ColumnMissingOrOfOtherType_IsNamed(string column, bool asText, string expected)
    {
        using TempFolder folder = new();
        var path = folder["s.parquet"];
        var fields = ShardColumns
            .ToParquet(Schema)
            .Fields.Where(field => asText || field.Name != column)
            .Select(field => field.Name == column ? new DataField(column, typeof(string), isNullable: false) : field);
        await WriteParquet(path, new ParquetSchema(fields), ShardRoundTripTests.Metadata.ToFooter());
        AssertMessage<InvalidDataException>($"{path}: {expected}", () => ShardDataView.Open(path));
    }

    [Fact]
    public void Read_RowsOfDifferentLength_AreNamed()
    {
        using TempFolder folder = new();
        var path = folder["ragged.parquet"];
        WriteRagged(path);
        var view = ShardDataView.Open(path);
        using var reader = view.OpenReader();
        AssertMessage<InvalidDataException>(
            $"{path}: found rows of different length in column VoltageMv, row group 0; expected 3 samples each",
            () => reader.Read(view.RowGroups[0], new TraceBatch(view.ShardSchema, 2))
        );
    }

    private static (DatasetPlan Plan, string FirstShard) Generated(TempFolder folder)
    {
        var plan = HashedTraces.Plan(folder.Path);
        DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan);
        return (plan, plan.ShardPath(0, 3));
    }

    private static void AssertRefused(DatasetPlan plan, string message) =>
        AssertMessage<InvalidDataException>(
            message,
            () =>
                DatasetGenerator.Generate(new HashedTraces(Schema, 50), plan, ShardSelection.All, null, workers: 1, CancellationToken.None)
        );

    private static void AssertMessage<T>(string message, Action act)
        where T : Exception => Assert.Equal(message, Assert.Throws<T>(act).Message);

    private static string WriteShard(string path, ShardSchema schema, ShardMetadata metadata)
    {
        using ShardWriter writer = new(path, schema, metadata);
        writer.Write(ShardRoundTripTests.RandomBatch(schema, 4, 1));
        writer.Complete();
        return path;
    }

    /// <summary>Two rows of any schema, by the general writer of Parquet.Net.</summary>
    private static async Task WriteParquet(string path, ParquetSchema schema, Dictionary<string, string> footer)
    {
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema, file);
        writer.CustomMetadata = footer;
        using var group = writer.CreateRowGroup();
        foreach (var field in schema.DataFields)
        {
            if (field.ClrType == typeof(float))
                await group.WriteAllPartsAsync<float>(field, new float[2], new[] { 2, 2 }, new[] { 0, 0 }, default);
            else if (field.ClrType == typeof(double) && field.IsNullable)
                await group.WriteAsync<double>(field, new double?[] { 1, 2 });
            else if (field.ClrType == typeof(double))
                await group.WriteAsync<double>(field, new double[2]);
            else if (field.ClrType == typeof(long))
                await group.WriteAsync<long>(field, new long[2]);
            else if (field.ClrType == typeof(int))
                await group.WriteAsync<int>(field, new int[2]);
            else
                await group.WriteAsync(field, new[] { "a", "b" });
        }
    }

    /// <summary>Rows of two and four samples: three on average.</summary>
    private static void WriteRagged(string path)
    {
        var schema = ShardColumns.ToParquet(new ShardSchema(3));
        var voltage = schema.DataFields[0];
        using var file = File.Create(path);
        var writer = ParquetWriter.CreateAsync(schema, file).GetAwaiter().GetResult();
        writer.CustomMetadata = ShardRoundTripTests.Metadata.ToFooter();
        using (var group = writer.CreateRowGroup())
        {
            group
                .WriteAllPartsAsync<float>(voltage, new float[6], new[] { 2, 2, 2, 2, 2, 2 }, new[] { 0, 1, 0, 1, 1, 1 }, default)
                .GetAwaiter()
                .GetResult();
            foreach (var label in schema.DataFields[1..6])
                group.WriteAsync<double>(label, new double[2]).GetAwaiter().GetResult();
            foreach (var id in schema.DataFields[6..9])
                group.WriteAsync<long>(id, new long[2]).GetAwaiter().GetResult();
            group.WriteAsync<int>(schema.DataFields[9], new int[2]).GetAwaiter().GetResult();
        }
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
