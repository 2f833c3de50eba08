using System.Buffers.Binary;
using System.Collections.Concurrent;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>
/// A shard that nobody vouches for may hold anything where its structure should be: it is read or refused in one line, soon, and with
/// little memory. Parquet.Net alone never returns from many of these.
/// </summary>
public sealed class DamagedShardTests : IDisposable
{
    // What hangs, hangs for ever; a busy machine may take its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A shard of 50 rows takes about 1 MB to read.</summary>
    private const long MostBytes = 64 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _shard;
    private readonly int _footer;
    private readonly int[] _pages;
    private readonly BlockingCollection<string> _paths = [];
    private readonly BlockingCollection<(Exception? Thrown, long Bytes)> _results = [];

    public DamagedShardTests()
    {
        var path = _folder["whole.parquet"];
        using (ShardWriter writer = new(path, new ShardSchema(25, hasStimulus: true), ShardRoundTripTests.Metadata))
        {
            for (var group = 0; group < 3; group++)
                writer.Write(ShardRoundTripTests.RandomBatch(writer.Schema, 8, (uint)group));
            writer.Complete();
        }
        _shard = File.ReadAllBytes(path);
        using var file = File.OpenRead(path);
        _pages =
        [
            .. ParquetFile
                .Open(file, out var end)
                .Metadata!.RowGroups.SelectMany(group => group.Columns.Select(column => (int)column.MetaData!.DataPageOffset)),
        ];
        _footer = (int)end;
        new Thread(ReadShards) { IsBackground = true }.Start();
    }

    public void Dispose()
    {
        _paths.CompleteAdding();
        _folder.Dispose();
    }

    [Fact]
    public void Open_TwoThousandDamagesOfFooterAndPageHeaders_ReadsOrRefuses()
    {
        Random random = new(11);
        var refused = 0;
        for (var trial = 0; trial < 2000; trial++)
        {
            if (!IsRead(Damage(random), trial))
                refused++;
        }
        Assert.InRange(refused, 1000, 1990);
    }

    [Fact]
    public void Open_FooterOfOneByteOverAndOver_IsRefused()
    {
        for (var value = 0; value < 256; value++)
        {
            byte[] copy = [.. _shard];
            copy.AsSpan(_footer..^8).Fill((byte)value);
            Assert.False(IsRead(copy, value));
        }
    }

    [Fact]
    public void Open_FooterCutAnywhere_IsRefused()
    {
        // The length and the magic bytes are there, as in a file that was put together wrongly.
        for (var length = 0; length < _shard.Length - 8 - _footer; length++)
        {
            byte[] copy = [.. _shard.AsSpan(..(_footer + length)), .. BitConverter.GetBytes(length), .. "PAR1"u8];
            Assert.False(IsRead(copy, length));
        }
    }

    [Fact]
    public void Open_PageHeaderThatLeadsBackwardsOrAsksForMemory_IsRefused()
    {
        foreach (var page in _pages)
        {
            // Type, uncompressed and compressed size are the first three numbers, each in two bytes or fewer here.
            foreach (
                var (sizes, name) in ((byte[], string)[])
                    [
                        ([0x15, 0x00, 0x15, 0x80, 0x02, 0x15, 0x93, 0x01], "backwards"),
                        ([0x15, 0x00, 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F], "large"),
                    ]
            )
            {
                byte[] copy = [.. _shard];
                sizes.CopyTo(copy, page);
                Assert.False(IsRead(copy, page), name);
            }
        }
    }

    [Fact]
    public void Read_PageThatSaysItBecomesLarge_IsRefused()
    {
        // Zstandard's frame says how much it holds, and Parquet.Net believes it.
        var frame = _shard.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]);
        byte[] copy = [.. _shard];
        copy[frame + 4] = 0xE0;
        BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(frame + 5), 2_000_000_000);
        Assert.False(IsRead(copy, 0));
    }

    [Fact]
    public void Open_FooterWithSignsThatATerminalObeys_QuotesThem()
    {
        byte[] copy = [.. _shard];
        var label = copy.AsSpan(_footer).IndexOf("R_input"u8) + _footer;
        while (label >= _footer)
        {
            "R\u001b[31m\n"u8.CopyTo(copy.AsSpan(label));
            label = copy.AsSpan(_footer).IndexOf("R_input"u8) + _footer;
        }
        Assert.True(IsRead(copy, 0));
        Assert.DoesNotContain(ShardDataView.Open(Write(copy, "quoted")).ShardSchema.ToString(), char.IsControl);
    }

    [Fact]
    public void Open_FooterOfAnotherProgram_ReadsPastFieldsThatItDoesNotKnow()
    {
        // A struct with a number, a list and a struct in it, behind the last field of the file's metadata.
        byte[] unknown = [0x9C, 0x15, 0x02, 0x19, 0x25, 0x02, 0x04, 0x1C, 0x18, 0x01, 0x61, 0x00, 0x00, 0x00];
        byte[] footer = [.. _shard[_footer..^9], .. unknown];
        byte[] copy = [.. _shard[.._footer], .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8];
        Assert.True(IsRead(copy, 0));
    }

    private byte[] Damage(Random random)
    {
        byte[] copy = [.. _shard];
        // A page's header takes some thirty bytes.
        var (start, length) = random.Next(3) == 0 ? (_pages[random.Next(_pages.Length)], 32) : (_footer, _shard.Length - _footer);
        int Place() => start + random.Next(length);
        switch (random.Next(7))
        {
            case 0 or 1 or 2:
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                    copy[Place()] ^= (byte)(1 << random.Next(8));
                return copy;
            case 3:
                return copy[..random.Next(copy.Length)];
            case 4:
                // A piece from anywhere, over what was there.
                var piece = random.Next(1, 40);
                var to = Math.Min(Place(), copy.Length - piece);
                _shard.AsSpan(random.Next(_shard.Length - piece), piece).CopyTo(copy.AsSpan(to));
                return copy;
            case 5:
                // Long numbers, ends of structs, or structs in structs.
                var run = Math.Min(random.Next(1, 20), copy.Length - start);
                copy.AsSpan(Math.Min(Place(), copy.Length - run), run).Fill(new byte[] { 0xFF, 0x80, 0x00, 0x1C, 0x19 }[random.Next(5)]);
                return copy;
            default:
                // Some bytes more or fewer, and all behind them moved.
                var at = Place();
                var gone = random.Next(0, Math.Min(8, copy.Length - at));
                var more = new byte[random.Next(0, 8)];
                random.NextBytes(more);
                return [.. copy[..at], .. more, .. copy[(at + gone)..]];
        }
    }

    /// <summary>Whether the shard could be read; anything but that or a line about it fails the test.</summary>
    private bool IsRead(byte[] shard, int trial)
    {
        var path = Write(shard, $"{trial}");
        _paths.Add(path);
        Assert.True(_results.TryTake(out var result, Patience), $"trial {trial}: nothing happened for {Patience.TotalSeconds} s");
        Assert.True(result.Bytes < MostBytes, $"trial {trial}: {result.Bytes} bytes of memory");
        File.Delete(path);
        if (result.Thrown is null)
            return true;
        Assert.True(result.Thrown is InvalidDataException, $"trial {trial}: {result.Thrown}");
        Assert.StartsWith($"{path}: found ", result.Thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(result.Thrown.Message, char.IsControl);
        return false;
    }

    private string Write(byte[] shard, string name)
    {
        var path = _folder[$"{name}.parquet"];
        File.WriteAllBytes(path, shard);
        return path;
    }

    private void ReadShards()
    {
        foreach (var path in _paths.GetConsumingEnumerable())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Exception? thrown = null;
            try
            {
                var view = ShardDataView.Open(path);
                using var reader = view.OpenReader();
                foreach (var group in view.RowGroups)
                    reader.Read(group, new TraceBatch(view.ShardSchema, group.Rows));
            }
            catch (Exception e)
            {
                thrown = e;
            }
            _results.Add((thrown, GC.GetAllocatedBytesForCurrentThread() - before));
        }
    }
}
