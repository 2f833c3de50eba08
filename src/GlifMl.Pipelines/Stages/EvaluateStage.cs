using System.Diagnostics;
using GlifMl.Onnx;
using GlifMl.Pipelines.Metrics;
using GlifMl.Pipelines.Reporting.Data;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines.Stages;

/// <summary>Scores the exported graph with OnnxRuntime on the splits it was not trained on, and writes metrics.json.</summary>
internal static class EvaluateStage
{
    public static PipelineMetrics Run(Pipeline pipeline, StageSeconds? before)
    {
        var start = Stopwatch.GetTimestamp();
        if (!File.Exists(pipeline.Model.Onnx))
            throw new FileNotFoundException($"there is no model {pipeline.Model.Onnx}; `glifml train` writes it", pipeline.Model.Onnx);
        using var model = OnnxModel.Load(pipeline.Model.Onnx);
        if (model.Info.DataHash != pipeline.DataHash)
        {
            throw new InvalidDataException(
                $"{pipeline.Model.Onnx} was trained on dataset {Short(model.Info.DataHash)}; expected {Short(pipeline.DataHash)}, the one of this definition: train again");
        }

        var old = PipelineMetrics.Load(pipeline.Model.Metrics);
        var test = Score(pipeline, model, "test");
        var validation = pipeline.Definition.Dataset.Splits.Validation is null ? null : Score(pipeline, model, "validation");
        using var process = Process.GetCurrentProcess();
        var metrics = new PipelineMetrics(
            pipeline.Definition.Name, pipeline.Definition.Seed, pipeline.DataHash, test, validation,
            (before ?? old?.Seconds ?? new StageSeconds()) with { Evaluate = Stopwatch.GetElapsedTime(start).TotalSeconds },
            new ModelSize(new FileInfo(pipeline.Model.Onnx).Length, model.Info.TrainableNumbers),
            Math.Round(process.PeakWorkingSet64 / (1024.0 * 1024.0)));
        metrics.Save(pipeline.Model.Metrics);
        return metrics;
    }

    private static string Short(string hash) => hash.Length > 16 ? hash[..16] : "unknown";

    private static SplitMetrics Score(Pipeline pipeline, OnnxModel model, string split)
    {
        var listener = pipeline.Settings.Listener;
        listener?.StageStarted($"evaluate {split}");
        var shards = pipeline.Open(split);
        var metrics = new MetricsAccumulator(model.Info.Parameters.Select(p => p.Name));
        var scored = model.Transform(shards);
        var inputs = model.Info.Inputs.Select(name => scored.Schema[name]).ToArray();
        var targets = model.Info.Parameters.Select(p => scored.Schema[p.Name]).ToArray();
        var output = scored.Schema[OnnxModelInfo.ParametersColumn];

        using var cursor = scored.GetRowCursor([.. inputs, .. targets, output]);
        var getInputs = Array.ConvertAll(inputs, cursor.GetGetter<VBuffer<float>>);
        var getTargets = Array.ConvertAll(targets, cursor.GetGetter<double>);
        var getOutput = cursor.GetGetter<VBuffer<float>>(output);
        var buffers = new VBuffer<float>[inputs.Length];
        var (truth, predicted) = (new double[targets.Length], default(VBuffer<float>));
        var predictions = new PredictionFile([.. model.Info.Parameters.Select(p => p.Name)], [], []);
        for (long row = 0; cursor.MoveNext(); row++)
        {
            pipeline.Settings.Cancellation.ThrowIfCancellationRequested();
            for (var k = 0; k < inputs.Length; k++)
                getInputs[k](ref buffers[k]);
            for (var k = 0; k < targets.Length; k++)
                getTargets[k](ref truth[k]);
            getOutput(ref predicted);
            metrics.Add(truth, predicted.GetValues(), Array.ConvertAll(buffers, b => new ReadOnlyMemory<float>(b.DenseValues().ToArray())));
            predictions.Add(truth, predicted.GetValues());
            listener?.StageProgressed((row + 1.0) / shards.Rows, $"{row + 1} of {shards.Rows} traces");
        }

        if (split == "test")
            predictions.Save(pipeline.Model.Predictions);
        var result = metrics.Compute();
        listener?.StageEnded($"score {result.MseScaled:F4}, chance {result.Chance:F4}, floor {result.Floor:F4}");
        return result;
    }
}
