using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using GlifMl.Datasets;
using Parquet;
using Parquet.Serialization;

namespace GlifMl.Benchmarks.Datasets;

/// <summary>
/// Writing and reading traces of 50,000 samples: the shard format against Parquet.Net's own class serialiser at the same compression.
/// A random walk in steps of 1/32 mV, the resolution of the published recordings, stands for recorded voltage; divide
/// <see cref="MegaBytes"/> by the time for MB/s.
/// </summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class ShardBenchmarks
{
    private const int Rows = 128;
    private const int Samples = 50_000;
    private static readonly ShardSchema Schema = new(Samples);
    private static readonly ShardMetadata Metadata = new("benchmark", "train", 0, 1, 0, "200000 Hz");
    private readonly string _folder = Directory.CreateTempSubdirectory("glifml-benchmark-").FullName;
    private readonly TraceBatch[] _batches = new TraceBatch[Rows / 32];
    private readonly TraceBatch _read = new(Schema, 32);
    private List<ClassRow> _classRows = [];
    private ShardDataView? _view;

    /// <summary>Samples of one run, MB of float.</summary>
    public const double MegaBytes = Rows * (double)Samples * sizeof(float) / 1e6;

    private string ShardPath => Path.Combine(_folder, "shard.parquet");

    private string ClassPath => Path.Combine(_folder, "class.parquet");

    [GlobalSetup]
    public void Setup()
    {
        for (var group = 0; group < _batches.Length; group++)
        {
            var batch = _batches[group] = new TraceBatch(Schema, 32);
            Random random = new(group);
            for (var row = 0; row < batch.Rows; row++)
            {
                float voltage = -70;
                foreach (ref var sample in batch.Voltage(row))
                    sample = voltage += random.Next(-2, 3) / 32f;
            }
        }
        _classRows =
        [
            .. _batches.SelectMany(batch =>
                Enumerable.Range(0, batch.Rows).Select(row => new ClassRow { VoltageMv = [.. batch.Voltage(row)] })
            ),
        ];
        WriteShard();
        WriteClass().GetAwaiter().GetResult();
        _view = ShardDataView.Open(ShardPath);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    [BenchmarkCategory("write")]
    public void WriteShard()
    {
        File.Delete(ShardPath);
        using ShardWriter writer = new(ShardPath, Schema, Metadata);
        foreach (var batch in _batches)
            writer.Write(batch);
        writer.Complete();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("write")]
    public Task WriteClass() =>
        ParquetSerializer.SerializeAsync(
            _classRows,
            ClassPath,
            new ParquetOptions
            {
                CompressionMethod = CompressionMethod.Zstd,
                CompressionLevel = CompressionLevel.Fastest,
                RowGroupSize = 32,
            }
        );

    [Benchmark]
    [BenchmarkCategory("read")]
    public float ReadShard()
    {
        using var reader = _view!.OpenReader();
        float last = 0;
        foreach (var group in _view.RowGroups)
        {
            reader.Read(group, _read);
            last = _read.Voltage(group.Rows - 1)[^1];
        }
        return last;
    }

    [Benchmark]
    [BenchmarkCategory("read")]
    public double ReadLabelsOfShard()
    {
        using var reader = _view!.OpenReader();
        TraceBatch labels = new(Schema, 32, Schema.Targets);
        foreach (var group in _view.RowGroups)
            reader.Read(group, labels);
        return labels.Labels(0)[0];
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("read")]
    public async Task<float> ReadClass() => (await ParquetSerializer.DeserializeAsync<ClassRow>(ClassPath)).Data[^1].VoltageMv[^1];

    /// <summary>The shape that Parquet.Net's serialiser maps to the same columns.</summary>
    public sealed class ClassRow
    {
        public List<float> VoltageMv { get; set; } = [];

        public double C { get; set; }

        public double El { get; set; }

        public double R_input { get; set; }

        public double dt { get; set; }

        public double th_inf { get; set; }

        public long TraceId { get; set; }

        public long ConfigurationId { get; set; }

        public long StimulusId { get; set; }

        public int SpikeCount { get; set; }
    }
}
