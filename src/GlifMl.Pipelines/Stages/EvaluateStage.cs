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
            parts.Save(shard, Read(pipeline, model, pipeline.OpenShard(shard)));
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
            .Select(split => (IReadOnlyList<string>)[.. split.Plan.ShardPaths(split.Traces)]);

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

    private static IReadOnlyList<EvaluatedRow> Read(Pipeline pipeline, OnnxModel model, ShardDataView shards) =>
        EvaluatedRows.Read(
            model,
            shards,
            pipeline.Settings.Cancellation,
            (fraction, detail) => pipeline.Settings.Listener?.StageProgressed(fraction, detail)
        );

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
        // Where other processes have scored shards, what they have not is scored a shard at a time.
        var rows = parts.Any(split)
            ? [.. shards.Files.SelectMany(shard => parts.Load(shard) ?? Read(pipeline, model, pipeline.OpenShard(shard)))]
            : Read(pipeline, model, shards);
        var open =
            names.Contains(GlifParameter.Threshold) && rows.DistinctBy(row => row.Input).Count() == rows.Count
                ? ThresholdFloor.Of(pipeline.Definition, split, rows.Count)
                : null;
        var predictions = new PredictionFile(names, [], []);
        // Where dt is the sampling interval, the neuron's own is overwritten before anything is simulated.
        string[] inert = pipeline.Definition.Dataset.Trace.Dt == DtMeaning.SamplingInterval ? [GlifParameter.TimeStep] : [];
        MetricsAccumulator all = new(names, inert),
            inSeen = new(names, inert),
            inHeldOut = new(names, inert);
        foreach (var (trace, row) in rows.Index())
        {
            all.Add(row.Truth, row.Scores, row.Input, open?[trace]);
            predictions.Add(row.Truth, row.Scores);
            if (heldOut is not null)
                (heldOut.Contains(row.Configuration) ? inHeldOut : inSeen).Add(row.Truth, row.Scores, row.Input, open?[trace]);
        }

        if (split == "test")
            pipeline.Folder.Change($"write {folder.Predictions}", () => predictions.Save(folder.Predictions));
        var result = all.Compute();
        if (model.Info.Posterior is not null)
            result = Calibrate(pipeline, folder, model.Info, split, result, rows);
        else if (split == "test" && File.Exists(folder.Calibration))
            pipeline.Folder.Change($"delete {folder.Calibration}", () => File.Delete(folder.Calibration));
        listener?.StageEnded(Invariant.Text($"score {result.MseScaled:F4}, chance {result.Chance:F4}, floor {Words(result.Floor)}"));
        return heldOut is null
            ? (result, null, null)
            : (result, inSeen.Rows > 0 ? inSeen.Compute() : null, inHeldOut.Rows > 0 ? inHeldOut.Compute() : null);
    }

    private static SplitMetrics Calibrate(
        Pipeline pipeline,
        ModelDirectory folder,
        OnnxModelInfo info,
        string split,
        SplitMetrics metrics,
        IEnumerable<EvaluatedRow> rows
    )
    {
        var design = pipeline.Definition.Dataset.Parameters;
        string[] names = [.. info.Parameters.Select(p => p.Name)];
        var calibration = new Calibration(names, info.Posterior!, [.. info.Parameters.Select(p => PriorRange.Of(design, p))]);
        foreach (var row in rows)
            calibration.Add(new Posterior(info, row.Answers), row.Truth);
        if (split == "test")
            pipeline.Folder.Change($"write {folder.Calibration}", () => calibration.ToFile().Save(folder.Calibration));
        return calibration.Complete(metrics);
    }
}
