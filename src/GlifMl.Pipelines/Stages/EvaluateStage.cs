using System.Diagnostics;
using GlifMl.Datasets;

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
        using var model = Load(pipeline, folder);
        var parts = new EvaluatedParts(folder.Evaluated, folder.Onnx, pipeline.Settings.Scoring.Engine);
        var old = PipelineMetrics.Load(folder.Metrics);
        var (test, seenCells, heldOut) = Score(
            pipeline,
            folder,
            model,
            parts,
            "test",
            HeldOutCells.Of(pipeline.Definition, DesignFactory.Create(pipeline.Definition))
        );
        var validation = pipeline.Definition.Dataset.Splits.Validation is null
            ? null
            : Score(pipeline, folder, model, parts, "validation", heldOut: null).All;
        ModelBounds.Write(pipeline.Folder.Change, folder, model.Info, test, pipeline.Open("test"));
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
        parts.Delete();
        return metrics;
    }

    /// <summary>Scores some of the shards, so that several processes may share an evaluation: it takes their answers over.</summary>
    /// <returns>Shards scored, and shards whose answers were there.</returns>
    public static (int Scored, int Kept) RunPart(Pipeline pipeline, ShardSelection selection)
    {
        using var model = Load(pipeline, pipeline.Model);
        var parts = new EvaluatedParts(pipeline.Model.Evaluated, pipeline.Model.Onnx, pipeline.Settings.Scoring.Engine);
        var (scored, kept) = (0, 0);
        foreach (var shard in EvaluatedShards(pipeline).SelectMany(shards => selection.Of(shards.Count).Select(index => shards[index])))
        {
            if (parts.Load(shard) is not null)
            {
                kept++;
                continue;
            }

            pipeline.Settings.Listener?.StageStarted($"score {Path.GetFileName(shard)}");
            parts.Save(shard, Part(pipeline, model, shard));
            pipeline.Settings.Listener?.StageEnded("done");
            scored++;
        }

        return (scored, kept);
    }

    /// <summary>The shards that an evaluation reads, a list a split.</summary>
    public static IEnumerable<IReadOnlyList<string>> EvaluatedShards(Pipeline pipeline) =>
        GenerateStage
            .Plans(pipeline)
            .Where(split => split.Plan.Split != "train")
            .Select(split => (IReadOnlyList<string>)[.. (split.Plan with { Directory = pipeline.LocalData }).ShardPaths(split.Traces)]);

    private static OnnxModel Load(Pipeline pipeline, ModelDirectory folder)
    {
        var model = OnnxModel.Load(folder.Onnx, pipeline.Settings.Scoring);
        if (model.Info.DataHash == pipeline.DataHash)
            return model;
        var found = ShortHash.Of(model.Info.DataHash);
        model.Dispose();
        throw new InvalidDataException(
            $"{folder.Onnx}: found a model of dataset {found}; "
                + $"expected {ShortHash.Of(pipeline.DataHash)}, the one of this definition: train again"
        );
    }

    private static EvaluatedPart Part(Pipeline pipeline, OnnxModel model, string shard) =>
        EvaluatedSplit.Part(model, pipeline.OpenShard(shard), Progress(pipeline), pipeline.Settings.Cancellation);

    private static Action<double, string> Progress(Pipeline pipeline) =>
        (fraction, detail) => pipeline.Settings.Listener?.StageProgressed(fraction, detail);

    private static string Words(double? floor) => floor is { } known ? Invariant.Text($"{known:F4}") : "unknown";

    private static (SplitMetrics All, SplitMetrics? SeenCells, SplitMetrics? HeldOut) Score(
        Pipeline pipeline,
        ModelDirectory folder,
        OnnxModel model,
        EvaluatedParts parts,
        string split,
        HeldOutCells? heldOut
    )
    {
        var listener = pipeline.Settings.Listener;
        listener?.StageStarted($"evaluate {split}");
        var shards = pipeline.Open(split);
        string[] names = [.. model.Info.Parameters.Select(p => p.Name)];
        // Where other processes have scored shards, what they have not is scored, and kept, a shard at a time.
        var rows = parts.Any(split)
            ? EvaluatedSplit.Of(shards.Files.Select(shard => PartOf(pipeline, model, parts, shard)), shards.Rows)
            : EvaluatedSplit.Of(model, shards, Progress(pipeline), pipeline.Settings.Cancellation);
        var inputs = rows.Inputs;
        var open =
            names.Contains(GlifParameter.Threshold) && inputs.AreAllDistinct
                ? ThresholdFloor.Of(pipeline.Definition, split, inputs.Rows)
                : null;
        // Where dt is the sampling interval, the neuron's own is overwritten before anything is simulated.
        string[] inert = pipeline.Definition.Dataset.Trace.Dt == DtMeaning.SamplingInterval ? [GlifParameter.TimeStep] : [];
        MetricsAccumulator all = new(names, inert),
            inSeen = new(names, inert),
            inHeldOut = new(names, inert);
        MetricsAccumulator? Part(EvaluatedLabels of) =>
            heldOut is null ? null
            : heldOut.Contains(of.Configuration) ? inHeldOut
            : inSeen;
        foreach (var (trace, row) in rows.Labels().Index())
        {
            all.Expect(row.Truth, inputs.Of(trace));
            Part(row)?.Expect(row.Truth, inputs.Of(trace));
        }

        using var files = new EvaluatedTables(pipeline, folder, model.Info, split, rows);
        using var left = open?.GetEnumerator();
        foreach (var (trace, row) in rows.Rows().Index())
        {
            double? threshold = left?.MoveNext() == true ? left.Current : null;
            all.Add(row.Labels.Truth, inputs.Of(trace), row.Scores, threshold);
            Part(row.Labels)?.Add(row.Labels.Truth, inputs.Of(trace), row.Scores, threshold);
            files.Add(row);
        }

        var result = files.Complete(all.Compute());
        listener?.StageEnded(Invariant.Text($"score {result.MseScaled:F4}, chance {result.Chance:F4}, floor {Words(result.Floor)}"));
        return heldOut is null
            ? (result, null, null)
            : (result, inSeen.Rows > 0 ? inSeen.Compute() : null, inHeldOut.Rows > 0 ? inHeldOut.Compute() : null);
    }

    private static EvaluatedPart PartOf(Pipeline pipeline, OnnxModel model, EvaluatedParts parts, string shard)
    {
        if (parts.Load(shard) is { } there)
            return there;
        var part = Part(pipeline, model, shard);
        parts.Save(shard, part);
        return part;
    }
}
