using System.Globalization;
using System.Runtime.InteropServices;
using CsCheck;
using GlifMl.Datasets;
using Parquet;

namespace GlifMl.Tests.Datasets;

/// <summary>Traces are read past Parquet.Net, to the same bits, or not at all.</summary>
public sealed class TraceChunkReaderTests : IDisposable
{
    private const int Samples = 37;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionMethod.Snappy, true, true)]
    [InlineData(CompressionMethod.Snappy, false, true)]
    [InlineData(CompressionMethod.None, true, true)]
    [InlineData(CompressionMethod.None, false, true)]
    [InlineData(CompressionMethod.Zstd, true, false)]
    public void TryRead_OfAnyCompression_IsWhatParquetNetReads(CompressionMethod compression, bool split, bool isOwn)
    {
        var batch = ShardRoundTripTests.RandomBatch(new ShardSchema(Samples, hasStimulus: true), 9, 3);
        var path = _folder["a.parquet"];
        Write(path, batch, compression, split);

        using var file = File.OpenRead(path);
        var parquet = ParquetFile.Open(file, out var end);
        using var rows = parquet.OpenRowGroupReader(0);
        for (var column = 0; column < 2; column++)
        {
            var field = ShardColumns.Fields(batch.Schema, parquet)[column];
            var values = new float[batch.Rows * Samples];
            Assert.Equal(isOwn, new TraceChunkReader().TryRead(file, rows.GetMetadata(field)!.MetaData!, end, field, Samples, values));
            if (isOwn)
                Assert.Equal(Bits(batch.Traces(column).Span), Bits(values));
        }

        var view = ShardDataView.Open(path);
        using var reader = view.OpenReader();
        TraceBatch read = new(view.ShardSchema, 9);
        reader.Read(view.RowGroups[0], read);
        ShardRoundTripTests.AssertSameBits(batch, read);
    }

    [Fact]
    public void TryRead_OfListsOfOtherLengths_LeavesThemToParquetNet()
    {
        var batch = ShardRoundTripTests.RandomBatch(new ShardSchema(Samples), 9, 3);
        var path = _folder["ragged.parquet"];
        // As many values as nine rows have, the second starting a sample late.
        Write(path, batch, CompressionMethod.Snappy, split: true, late: 1);

        using var file = File.OpenRead(path);
        var parquet = ParquetFile.Open(file, out var end);
        using var rows = parquet.OpenRowGroupReader(0);
        var field = ShardColumns.Fields(batch.Schema, parquet)[0];
        var values = new float[batch.Rows * Samples];
        Assert.False(new TraceChunkReader().TryRead(file, rows.GetMetadata(field)!.MetaData!, end, field, Samples, values));

        var view = ShardDataView.Open(path);
        using var reader = view.OpenReader();
        var message = Assert
            .Throws<InvalidDataException>(() => reader.Read(view.RowGroups[0], new TraceBatch(view.ShardSchema, 9)))
            .Message;
        Assert.StartsWith($"{path}: found ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_AnyNumberOfValues_PutsTheirBytesTogether() =>
        Gen
            .Byte.Array[0, 400]
            .Sample(bytes =>
            {
                var count = bytes.Length / 4;
                var streams = bytes.AsSpan(0, 4 * count);
                var values = new float[count];
                ByteStreamSplit.Decode(streams, values);
                var read = MemoryMarshal.AsBytes(values.AsSpan());
                for (var n = 0; n < count; n++)
                {
                    for (var part = 0; part < 4; part++)
                        Assert.Equal(streams[part * count + n], read[4 * n + part]);
                }
            });

    [Fact]
    public void AreRegular_LevelsInAnyRuns_TellsListsOfOneLength() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 40], Gen.Int[0, 30], Gen.Int[1, 2], Gen.Int[-1, 60], Gen.Int[0, int.MaxValue])
            .Sample(
                (length, count, first, most, wrong, seed) =>
                {
                    var levels = Enumerable.Range(first, count).Select(value => value % length == 0 ? 0 : most).ToArray();
                    var isWrong = wrong >= 0 && wrong < count;
                    if (isWrong)
                        levels[wrong] = levels[wrong] == 0 ? most : 0;
                    Assert.Equal(!isWrong, TraceLevels.AreRegular(Encode(levels, most, new Random(seed)), most, first, count, length));
                    var all = Encode([.. Enumerable.Repeat(most, count)], most, new Random(seed));
                    Assert.True(TraceLevels.AreRegular(all, most, first, count, length: 0));
                    Assert.False(TraceLevels.AreRegular(all.AsSpan(0, all.Length - 1), most, first, count, length: 0));
                }
            );

    private static uint[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, uint>(values).ToArray();

    /// <summary>Writes levels as a writer might who takes runs and packed groups as they come.</summary>
    private static byte[] Encode(int[] levels, int most, Random random)
    {
        List<byte> bytes = [];
        for (var at = 0; at < levels.Length; )
        {
            if (random.Next(2) == 0)
            {
                var run = levels.Skip(at).TakeWhile(level => level == levels[at]).Count();
                run = random.Next(1, run + 1);
                bytes.AddRange([(byte)(run << 1), (byte)levels[at]]);
                at += run;
                continue;
            }
            // Eight values to each group; the last one is filled up.
            var groups = random.Next(1, 3);
            bytes.Add((byte)(groups << 1 | 1));
            var packed = new byte[groups * (most > 1 ? 2 : 1)];
            for (var n = 0; n < 8 * groups && at < levels.Length; n++, at++)
            {
                var bit = n * (most > 1 ? 2 : 1);
                packed[bit / 8] |= (byte)(levels[at] << bit % 8);
            }
            bytes.AddRange(packed);
        }
        return [.. bytes];
    }

    private static void Write(string path, TraceBatch batch, CompressionMethod compression, bool split, int late = 0)
    {
        var schema = ShardColumns.ToParquet(batch.Schema);
        var fields = schema.DataFields;
        ParquetOptions options = new() { CompressionMethod = compression };
        foreach (var field in split ? fields : [])
            options.ColumnEncodingHints[field.Path.ToString(null, CultureInfo.InvariantCulture)] = EncodingHint.ByteSplitStream;
        using var file = File.Create(path);
        var parquet = ParquetWriter.CreateAsync(schema, file, options).GetAwaiter().GetResult();
        parquet.CustomMetadata = ShardRoundTripTests.Metadata.ToFooter();
        using (var group = parquet.CreateRowGroup())
        {
            var values = batch.Rows * batch.Schema.Samples;
            int[] definition = [.. Enumerable.Repeat(fields[0].MaxDefinitionLevel, values)];
            int[] repetition = [.. Enumerable.Repeat(1, values)];
            for (var row = 0; row < batch.Rows; row++)
                repetition[row == 0 ? 0 : row * batch.Schema.Samples + late] = 0;
            Run(WriteAsync());

            async Task WriteAsync()
            {
                for (var column = 0; column < fields.Length; column++)
                {
                    switch (batch.Schema.KindOf(column))
                    {
                        case ColumnKind.Trace:
                            await group.WriteAllPartsAsync<float>(fields[column], batch.Traces(column), definition, repetition, default);
                            break;
                        case ColumnKind.Label:
                            await group.WriteAsync<double>(fields[column], batch.LabelColumn(column));
                            break;
                        case ColumnKind.Id:
                            await group.WriteAsync<long>(fields[column], batch.IdColumn(column));
                            break;
                        default:
                            await group.WriteAsync<int>(fields[column], batch.CountColumn());
                            break;
                    }
                }
            }
        }
        Run(parquet.DisposeAsync().AsTask());
    }

    private static void Run(Task task) => task.GetAwaiter().GetResult();
}
