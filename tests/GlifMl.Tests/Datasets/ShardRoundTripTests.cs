using System.Runtime.InteropServices;
using CsCheck;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

public sealed class ShardRoundTripTests
{
    private static readonly Gen<(ShardSchema Schema, int[] Groups, uint Seed)> AnyShard = Gen.Select(
        Gen.Int[1, 70],
        Gen.Bool,
        Gen.Int[1, 4],
        Gen.Int[1, 40].Array[1, 4],
        Gen.UInt,
        (samples, stimulus, targets, groups, seed) =>
            (new ShardSchema(samples, stimulus, [.. Enumerable.Range(0, targets).Select(t => $"label{t}")]), groups, seed)
    );

    [Fact]
    public void WriteThenRead_AnyBitPatternsAndSizes_ReturnsTheSameBits() =>
        AnyShard.Sample(
            shard =>
            {
                using TempFolder folder = new();
                var path = folder["a.parquet"];
                TraceBatch[] written = [.. shard.Groups.Select((rows, group) => RandomBatch(shard.Schema, rows, shard.Seed + (uint)group))];
                using (ShardWriter writer = new(path, shard.Schema, Metadata))
                {
                    foreach (var batch in written)
                        writer.Write(batch);
                    writer.Complete();
                }

                var view = ShardDataView.Open(path);
                Assert.Equal(shard.Schema, view.ShardSchema);
                Assert.Equal(Metadata, view.Metadata);
                Assert.Equal(shard.Groups, view.RowGroups.Select(group => group.Rows));
                using var reader = view.OpenReader();
                TraceBatch read = new(shard.Schema, shard.Groups.Max());
                for (var group = 0; group < written.Length; group++)
                {
                    reader.Read(view.RowGroups[group], read);
                    AssertSameBits(written[group], read);
                }
            },
            iter: 60
        );

    [Fact]
    public void Write_SameBatchesTwice_GivesTheSameBytes()
    {
        using TempFolder folder = new();
        ShardSchema schema = new(100, hasStimulus: true);
        var batch = RandomBatch(schema, 32, 5);
        ManifestShard[] shards =
        [
            .. new[] { "a", "b" }.Select(name =>
            {
                using ShardWriter writer = new(folder[name, "shard.parquet"], schema, Metadata);
                writer.Write(batch);
                return writer.Complete();
            }),
        ];
        Assert.Equal(shards[0], shards[1]);
        Assert.Equal(File.ReadAllBytes(folder["a", "shard.parquet"]), File.ReadAllBytes(folder["b", "shard.parquet"]));
    }

    [Fact]
    public void Complete_Always_LeavesShardAndChecksumOnly()
    {
        using TempFolder folder = new();
        ShardSchema schema = new(10);
        using (ShardWriter writer = new(folder["s.parquet"], schema, Metadata))
        {
            writer.Write(RandomBatch(schema, 3, 1));
            Assert.False(File.Exists(folder["s.parquet"]));
            var shard = writer.Complete();
            Assert.Equal(new FileInfo(folder["s.parquet"]).Length, shard.Bytes);
            Assert.Equal($"{shard.Sha256}  s.parquet\n", File.ReadAllText(folder["s.parquet.sha256"]));
            Assert.Equal(shard.Sha256, ShardChecksum.Compute(folder["s.parquet"]));
        }
        Assert.Equal(["s.parquet", "s.parquet.sha256"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Dispose_WithoutComplete_LeavesNothing()
    {
        using TempFolder folder = new();
        ShardSchema schema = new(10);
        using (ShardWriter writer = new(folder["s.parquet"], schema, Metadata))
            writer.Write(RandomBatch(schema, 3, 1));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_BatchOfOtherSchema_IsRefused()
    {
        using TempFolder folder = new();
        using ShardWriter writer = new(folder["s.parquet"], new ShardSchema(10), Metadata);
        var e = Assert.Throws<ArgumentException>(() => writer.Write(new TraceBatch(new ShardSchema(11), 1)));
        Assert.StartsWith(
            $"{folder["s.parquet"]}: found a batch of 11 samples, no stimulus, targets C, El, R_input, dt, th_inf; expected 10 samples,",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(50_000, false, 32)]
    [InlineData(1_000_000, false, 16)]
    [InlineData(1_000_000, true, 8)]
    [InlineData(100_000_000, true, 1)]
    [InlineData(1, false, 32)]
    public void RowsFor_LongerTraces_BoundsTheGroupInBytes(int samples, bool stimulus, int expected) =>
        Assert.Equal(expected, new ShardOptions().RowsFor(new ShardSchema(samples, stimulus)));

    [Fact]
    public void Constructor_RepeatedOrReservedTarget_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new ShardSchema(1, targets: ["C", "C"]));
        Assert.Throws<ArgumentException>(() => new ShardSchema(1, targets: ["StimulusPa"]));
        Assert.Throws<ArgumentException>(() => new ShardSchema(1, targets: []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardSchema(0));
    }

    internal static ShardMetadata Metadata { get; } = new("0123456789abcdef0123456789abcdef", "train", 0, 1, 0, "1/dt");

    internal static TraceBatch RandomBatch(ShardSchema schema, int rows, uint seed)
    {
        TraceBatch batch = new(schema, rows);
        Random random = new((int)seed);
        random.NextBytes(MemoryMarshal.AsBytes(batch.Voltages.Span));
        if (schema.HasStimulus)
            random.NextBytes(MemoryMarshal.AsBytes(batch.Stimuli.Span));
        for (var target = 0; target < schema.Targets.Count; target++)
            random.NextBytes(MemoryMarshal.AsBytes(batch.Labels(target)));
        foreach (var row in Enumerable.Range(0, rows))
        {
            batch.TraceIds[row] = random.NextInt64(long.MinValue, long.MaxValue);
            batch.ConfigurationIds[row] = random.NextInt64();
            batch.StimulusIds[row] = random.NextInt64();
            batch.SpikeCounts[row] = random.Next();
        }
        return batch;
    }

    internal static void AssertSameBits(TraceBatch expected, TraceBatch actual)
    {
        Assert.Equal(expected.Rows, actual.Rows);
        AssertBits<float>(expected.Voltages.Span, actual.Voltages.Span);
        if (expected.Schema.HasStimulus)
            AssertBits<float>(expected.Stimuli.Span, actual.Stimuli.Span);
        for (var target = 0; target < expected.Schema.Targets.Count; target++)
            AssertBits<double>(expected.Labels(target), actual.Labels(target));
        AssertBits<long>(expected.TraceIds, actual.TraceIds);
        AssertBits<long>(expected.ConfigurationIds, actual.ConfigurationIds);
        AssertBits<long>(expected.StimulusIds, actual.StimulusIds);
        AssertBits<int>(expected.SpikeCounts, actual.SpikeCounts);
    }

    private static void AssertBits<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual)
        where T : unmanaged => Assert.True(MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual)));
}
