using System.Globalization;
using GlifMl.Pipelines;

namespace GlifMl.Benchmarks.Scoring;

/// <summary>A definition's traces and a model of it, scored by either engine.</summary>
internal sealed class ScoringCase : IDisposable
{
    // Of a channel: 13 MB, from memory and not from a cache.
    private const int MostSamples = 3_200_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("glifml-benchmark-").FullName;
    private readonly Dictionary<OnnxEngine, OnnxModel> _models;
    private readonly ScoreColumns _columns;
    private readonly float[] _voltage;
    private readonly float[] _stimulus;

    public ScoringCase(string name, int traces, string[] set)
    {
        var path = Path.Combine(Results.Repository, "pipelines", $"{name}.yaml");
        string[] all = [.. set, string.Create(CultureInfo.InvariantCulture, $"dataset.splits.test.traces={traces}")];
        var pipeline = new Pipeline(
            Pipeline.Load(path, all),
            new PipelineSettings { ModelDirectory = Path.Combine(_folder, "model"), DataDirectory = Path.Combine(_folder, "data") }
        );
        pipeline.Generate();
        pipeline.Train();
        _models = new()
        {
            [OnnxEngine.Kernel] = OnnxModel.Load(pipeline.Model.Onnx, new() { Engine = OnnxEngine.Kernel }),
            [OnnxEngine.OnnxRuntime] = OnnxModel.Load(pipeline.Model.Onnx, new() { Engine = OnnxEngine.OnnxRuntime }),
        };
        var info = _models[OnnxEngine.Kernel].Info;
        _columns = ScoreColumns.Of(info);
        var shards = ShardDataView.Open(TestShards);
        InShards = (int)shards.Rows;
        InMemory = Math.Min(InShards, MostSamples / info.Samples);
        (_voltage, _stimulus) = ShardRows.First(shards, InMemory, info);
        Difference = LargestDifference();
    }

    /// <summary>Traces that are scored from memory.</summary>
    public int InMemory { get; }

    /// <summary>Traces in the shards.</summary>
    public int InShards { get; }

    /// <summary>The largest difference between the engines, in units of the largest value of its parameter.</summary>
    public double Difference { get; }

    private string TestShards => Path.Combine(_folder, "data", "test");

    /// <summary>Scores traces that are in memory.</summary>
    public Action Memory(OnnxEngine engine) => () => _models[engine].Score(_voltage, _stimulus);

    /// <summary>Scores one trace, which all threads share.</summary>
    public Action Single(OnnxEngine engine)
    {
        var samples = _models[engine].Info.Samples;
        return () => _models[engine].Score(_voltage.AsMemory(0, samples), _stimulus.Length > 0 ? _stimulus.AsMemory(0, samples) : default);
    }

    /// <summary>What `glifml score` does: shards are decoded, scored, checked and written.</summary>
    public Action Shards(OnnxEngine engine) =>
        () => ScoreFile.Write(Path.Combine(_folder, "scores.csv"), _columns, TraceScorer.Score(_models[engine], [TestShards]));

    public void Dispose()
    {
        foreach (var model in _models.Values)
            model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private double LargestDifference()
    {
        var (ours, theirs) = (
            _models[OnnxEngine.Kernel].Score(_voltage, _stimulus),
            _models[OnnxEngine.OnnxRuntime].Score(_voltage, _stimulus)
        );
        var largest = 0.0;
        for (var k = 0; k < _columns.Parameters.Count; k++)
        {
            var rows = Enumerable.Range(0, InMemory);
            var scale = rows.Max(row => Math.Abs((double)theirs[row, k]));
            largest = Math.Max(largest, rows.Max(row => Math.Abs((double)ours[row, k] - theirs[row, k])) / scale);
        }

        return largest;
    }
}
