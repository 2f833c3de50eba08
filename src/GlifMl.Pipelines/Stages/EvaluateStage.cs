using System.Diagnostics;
using GlifMl.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>Scores the exported graph with OnnxRuntime on the splits it was not trained on, and writes metrics.json.</summary>
internal static class EvaluateStage
{
    /// <summary>Evaluates.</summary>
    /// <param name="pipeline">What is run.</param>
    /// <param name="folder">The folder to work in: the model's, or one within it where a finished model stands.</param>
    /// <param name="before">Wall time of the stages before; null: what the last metrics.json says.</param>
    public static PipelineMetrics Run(Pipeline pipeline, ModelDirectory folder, StageSeconds? before)
    {
        var start = Stopwatch.GetTimestamp();
        using var model = OnnxModel.Load(folder.Onnx, pipeline.Settings.Scoring);
        if (model.Info.DataHash != pipeline.DataHash)
        {
            throw new InvalidDataException(
                $"{folder.Onnx}: found a model of dataset {ShortHash.Of(model.Info.DataHash)}; "
                    + $"expected {ShortHash.Of(pipeline.DataHash)}, the one of this definition: train again"
            );
        }

        var old = PipelineMetrics.Load(folder.Metrics);
        var (test, seenCells, heldOut) = Score(
            pipeline,
            folder,
            model,
            "test",
            HeldOutCells.Of(pipeline.Definition, DesignFactory.Create(pipeline.Definition))
        );
        var validation = pipeline.Definition.Dataset.Splits.Validation is null
            ? null
            : Score(pipeline, folder, model, "validation", heldOut: null).All;
        ModelBounds.Write(pipeline.Folder.Change, folder, model.Info, test);
        using var process = Process.GetCurrentProcess();
        var metrics = new PipelineMetrics(
            pipeline.Definition.Name,
            pipeline.Definition.Seed,
            pipeline.DataHash,
            test,
            heldOut,
            validation,
            (before ?? old?.Seconds ?? new StageSeconds()) with
            {
                Evaluate = Stopwatch.GetElapsedTime(start).TotalSeconds,
            },
            new ModelSize(new FileInfo(folder.Onnx).Length, model.Info.TrainableNumbers),
            Math.Round(process.PeakWorkingSet64 / (1024.0 * 1024.0))
        )
        {
            SeenCells = seenCells,
            Made = RunProvenance.Here(),
        };
        pipeline.Folder.Change($"write {folder.Metrics}", () => metrics.Save(folder.Metrics));
        return metrics;
    }

    private static string Words(double? floor) => floor is { } known ? Invariant.Text($"{known:F4}") : "unknown";

    private static float[] Values(ValueGetter<double>[] getters) =>
        Array.ConvertAll(
            getters,
            get =>
            {
                var value = 0.0;
                get(ref value);
                return (float)value;
            }
        );

    private static (SplitMetrics All, SplitMetrics? SeenCells, SplitMetrics? HeldOut) Score(
        Pipeline pipeline,
        ModelDirectory folder,
        OnnxModel model,
        string split,
        HeldOutCells? heldOut
    )
    {
        var listener = pipeline.Settings.Listener;
        listener?.StageStarted($"evaluate {split}");
        var shards = pipeline.Open(split);
        string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
        var scorer = new DistinctScorer(model);
        var rows = new List<(double[] Truth, long Configuration)>();

        var inputs = model.Info.Inputs.Select(name => shards.Schema[name]).ToArray();
        var targets = names.Select(name => shards.Schema[name]).ToArray();
        var configuration = shards.Schema[ShardSchema.ConfigurationIdColumn];
        var known = model.Info.Known.Select(k => shards.Schema[k.Name]).ToArray();
        using var cursor = shards.GetRowCursor([.. inputs, .. known, .. targets, configuration]);
        var getInputs = Array.ConvertAll(inputs, cursor.GetGetter<VBuffer<float>>);
        var getKnown = Array.ConvertAll(known, cursor.GetGetter<double>);
        var getTargets = Array.ConvertAll(targets, cursor.GetGetter<double>);
        var getConfiguration = cursor.GetGetter<long>(configuration);
        var buffers = new VBuffer<float>[inputs.Length];
        while (cursor.MoveNext())
        {
            pipeline.Settings.Cancellation.ThrowIfCancellationRequested();
            for (var k = 0; k < inputs.Length; k++)
                getInputs[k](ref buffers[k]);
            scorer.Add([.. Array.ConvertAll(buffers, b => b.DenseValues().ToArray()), Values(getKnown)]);
            var (truth, number) = (new double[targets.Length], 0L);
            for (var k = 0; k < targets.Length; k++)
                getTargets[k](ref truth[k]);
            getConfiguration(ref number);
            rows.Add((truth, number));
            listener?.StageProgressed((double)rows.Count / shards.Rows, $"{rows.Count} of {shards.Rows} traces");
        }

        scorer.Complete();
        var open =
            scorer.AllDistinct && names.Contains(GlifParameter.Threshold)
                ? ThresholdFloor.Of(pipeline.Definition, split, rows.Count)
                : null;
        var predictions = new PredictionFile(names, [], []);
        // Where dt is the sampling interval, the neuron's own is overwritten before anything is simulated.
        string[] inert = pipeline.Definition.Dataset.Trace.Dt == DtMeaning.SamplingInterval ? [GlifParameter.TimeStep] : [];
        MetricsAccumulator all = new(names, inert),
            inSeen = new(names, inert),
            inHeldOut = new(names, inert);
        for (var row = 0; row < rows.Count; row++)
        {
            var (truth, number) = rows[row];
            all.Add(truth, scorer.Scores(row), scorer.Key(row), open?[row]);
            predictions.Add(truth, scorer.Scores(row));
            if (heldOut is not null)
                (heldOut.Contains(number) ? inHeldOut : inSeen).Add(truth, scorer.Scores(row), scorer.Key(row), open?[row]);
        }

        if (split == "test")
            pipeline.Folder.Change($"write {folder.Predictions}", () => predictions.Save(folder.Predictions));
        var result = all.Compute();
        listener?.StageEnded(Invariant.Text($"score {result.MseScaled:F4}, chance {result.Chance:F4}, floor {Words(result.Floor)}"));
        return heldOut is null
            ? (result, null, null)
            : (result, inSeen.Rows > 0 ? inSeen.Compute() : null, inHeldOut.Rows > 0 ? inHeldOut.Compute() : null);
    }
}

/// <summary>
/// Scores traces in batches, each distinct input once: the published study's test grid has 353 among 3,125, and a graph gives equal inputs
/// equal scores.
/// </summary>
internal sealed class DistinctScorer(OnnxModel model)
{
    private readonly Dictionary<InputKey, float[]?> _scores = [];
    private readonly List<InputKey> _rows = [];
    private readonly List<(InputKey Key, float[][] Channels)> _pending = [];

    /// <summary>Adds a trace.</summary>
    /// <param name="channels">The model's inputs, in its order, and last what it is told besides.</param>
    public void Add(float[][] channels)
    {
        var key = InputKey.Of(Array.ConvertAll(channels, c => new ReadOnlyMemory<float>(c)));
        _rows.Add(key);
        if (!_scores.TryAdd(key, null))
            return;
        _pending.Add((key, channels));
        if (_pending.Count == model.Options.BatchRows)
            Complete();
    }

    /// <summary>Scores what waits for a full batch.</summary>
    public void Complete()
    {
        if (_pending.Count == 0)
            return;
        var stimuli = model.Info.ReadsStimulus ? _pending.Select(p => p.Channels[1]).ToArray() : null;
        var scores = model.Score(
            _pending.Select(p => p.Channels[0]).ToArray(),
            stimuli,
            model.Info.Known.Count == 0 ? null : _pending.Select(p => p.Channels[^1]).ToArray()
        );
        for (var row = 0; row < _pending.Count; row++)
            _scores[_pending[row].Key] = [.. Enumerable.Range(0, scores.GetLength(1)).Select(k => scores[row, k])];
        _pending.Clear();
    }

    /// <summary>Whether no two rows had one input.</summary>
    public bool AllDistinct => _scores.Count == _rows.Count;

    /// <summary>Tells a row's input from others.</summary>
    public InputKey Key(int row) => _rows[row];

    /// <summary>The scores of a row, after <see cref="Complete"/>.</summary>
    public ReadOnlySpan<float> Scores(int row) => _scores[_rows[row]];
}
