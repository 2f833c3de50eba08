using System.Text;
using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>A split of very many shards is assembled a shard at a time. Alone: the heap is everybody's.</summary>
[Collection(Cli.AloneTests.Name)]
public sealed class ManyShardsTests
{
    private const int Count = 100_000;
    private const long Most = 8L << 20;

    [Fact]
    public void Assemble_ManyShards_KeepsNoneOfThem()
    {
        using var files = new ManyShards(Count);
        // What is kept is kept each time; what the rest of the process makes meanwhile is not.
        var grown = Enumerable.Range(0, 3).Select(_ => Grown(files)).FirstOrDefault(bytes => bytes <= Most, Most + 1);

        // A manifest of them is 20 MB of text, a list of them 30 MB; names that are looked for, 100 kB.
        Assert.InRange(grown, long.MinValue, Most);
        var last = files.Manifest.Shards[Count - 1];
        Assert.Equal((ShardName.Of(Count - 1, Count), 1L), (last.File, last.Rows));
        Assert.Equal(Count, files.Manifest.Traces);
    }

    private static long Grown(ManyShards files)
    {
        files.Forget();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(Count, DatasetGenerator.Assemble(files.Source, files.Plan));
        Assert.True(files.MostMemory > 0);
        return files.MostMemory - before;
    }

    /// <summary>Shards of one trace each, made as they are opened: a footer of as many digits, with its own numbers in it.</summary>
    private sealed class ManyShards : IFileStore, IDisposable
    {
        private readonly TempFolder _folder = new();
        private readonly byte[][] _byDigits = new byte[10][];
        private readonly int _count;

        public ManyShards(int count)
        {
            _count = count;
            Source = new HashedTraces(new ShardSchema(4), count);
            Plan = HashedTraces.Plan(_folder.Path, tracesPerShard: 1) with { Place = _ => this };
            var batch = new TraceBatch(Source.Schema, 1) { Rows = 1 };
            Source.Fill(0, batch);
            for (var (digits, shard) = (1, 0); shard < count; digits++, shard = (int)Math.Pow(10, digits - 1))
            {
                var path = _folder[$"{digits}.parquet"];
                using (var writer = new ShardWriter(path, Source.Schema, Plan.Metadata(shard, count), Plan.Shards))
                {
                    writer.Write(batch);
                    writer.Complete();
                }

                _byDigits[digits] = File.ReadAllBytes(path);
            }
        }

        public HashedTraces Source { get; }

        public DatasetPlan Plan { get; }

        public long MostMemory { get; private set; }

        public void Forget()
        {
            MostMemory = 0;
            File.Delete(PathOf(Manifest.FileName));
        }

        public Manifest Manifest => Manifest.Load(_folder.Path);

        public IEnumerable<string> Names() => Enumerable.Range(0, _count).Select(shard => ShardName.Of(shard, _count));

        public string PathOf(string name) => _folder[name];

        public bool Exists(string name) =>
            name == Manifest.FileName ? File.Exists(PathOf(name)) : name.EndsWith(".sha256", StringComparison.Ordinal);

        public Stream OpenRead(string name)
        {
            if (name == Manifest.FileName)
                return File.OpenRead(PathOf(name));
            if (name.EndsWith(".sha256", StringComparison.Ordinal))
                return new MemoryStream(Encoding.ASCII.GetBytes($"{new string('0', 64)}  {name[..^".sha256".Length]}\n"));
            var shard = ShardName.IndexOf(name, _count)!.Value;
            if (shard % 20_000 == 0)
                MostMemory = Math.Max(MostMemory, GC.GetTotalMemory(forceFullCollection: true));
            var text = Encoding.ASCII.GetBytes($"{shard}");
            var bytes = (byte[])_byDigits[text.Length].Clone();
            foreach (var key in new[] { "glifml.shard_index", "glifml.first_trace" })
            {
                // Behind the key stands how long the number is, then the number.
                var place = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)) + key.Length;
                place += bytes.AsSpan(place).IndexOfAnyInRange((byte)'0', (byte)'9');
                text.CopyTo(bytes.AsSpan(place));
            }

            return new MemoryStream(bytes);
        }

        public void Verify(string shard, CancellationToken cancellation) { }

        public void Write(string name, Action<Stream> write)
        {
            using var file = File.Create(PathOf(name));
            write(file);
        }

        public void AddShard(string shard, Action<string> make) => throw new NotSupportedException();

        public void RemoveLeftovers() { }

        public void Dispose() => _folder.Dispose();
    }
}
