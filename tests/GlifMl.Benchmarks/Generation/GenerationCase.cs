using GlifMl.Datasets;
using GlifMl.Pipelines;
using Parquet;

namespace GlifMl.Benchmarks.Generation;

/// <summary>A training split of the quickstart's shape, in a folder that goes with it.</summary>
internal sealed class GenerationCase : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glifml-generation-").FullName;
    private readonly SimulatedTraceSource _source;
    private readonly DatasetPlan _plan;

    public GenerationCase(int traces, bool noisy = false)
    {
        string[] set = [$"dataset.splits.train.traces={traces}", .. noisy ? (string[])["dataset.trace.noise={sd_mv: 0.2}"] : []];
        _source = new(Pipeline.Load(Path.Combine(Results.Repository, "pipelines", "quickstart.yaml"), set), "train");
        _plan = new()
        {
            Directory = _folder,
            Split = "snappy",
            DefinitionHash = "benchmark",
        };
    }

    /// <summary>Bytes of the samples.</summary>
    public double RawBytes => (double)_source.Count * _source.Schema.RowBytes;

    private DatasetPlan Zstd =>
        _plan with
        {
            Split = "zstd",
            Shards = new() { Compression = CompressionMethod.Zstd },
        };

    /// <summary>Generates, in today's format.</summary>
    public void Generate() => Generate(_plan);

    /// <summary>Generates in format 2: the same traces, zstd.</summary>
    public void GenerateFormat2() => Generate(Zstd);

    /// <summary>Simulates and keeps nothing.</summary>
    public void Simulate()
    {
        const int rows = 32;
        Parallel.For(
            0,
            (int)((_source.Count + rows - 1) / rows),
            () => new TraceBatch(_source.Schema, rows),
            (group, _, batch) =>
            {
                batch.Rows = (int)Math.Min(rows, _source.Count - group * rows);
                _source.Fill(group * rows, batch);
                return batch;
            },
            _ => { }
        );
    }

    /// <summary>Copies what was generated, each file flushed to disk as a generated one is.</summary>
    public void Copy()
    {
        var target = Fresh("copy");
        Parallel.ForEach(
            Directory.GetFiles(_plan.SplitDirectory),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            file =>
            {
                using var from = File.OpenRead(file);
                using var to = File.Create(Path.Combine(target, Path.GetFileName(file)));
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
            }
        );
    }

    /// <summary>Reads all columns of what was generated, on one thread, and what format 2 is read by.</summary>
    public void Read() => Read(_plan.SplitDirectory);

    /// <summary>Reads the shards of format 2.</summary>
    public void ReadFormat2() => Read(Zstd.SplitDirectory);

    /// <summary>Bytes of the shards, in today's format and in format 2.</summary>
    public (double Today, double Format2) Sizes() => (Size(_plan.SplitDirectory), Size(Zstd.SplitDirectory));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Generate(DatasetPlan plan)
    {
        Fresh(plan.Split);
        DatasetGenerator.Generate(_source, plan);
    }

    private static void Read(string folder)
    {
        var view = ShardDataView.Open(folder);
        using var reader = view.OpenReader();
        TraceBatch batch = new(view.ShardSchema, view.RowGroups.Max(group => group.Rows));
        foreach (var group in view.RowGroups)
            reader.Read(group, batch);
    }

    private static double Size(string folder) => Directory.GetFiles(folder, "*.parquet").Sum(file => (double)new FileInfo(file).Length);

    private string Fresh(string name)
    {
        var folder = Path.Combine(_folder, name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }
}
