using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>Simulates the splits into shards.</summary>
internal static class GenerateStage
{
    public static IReadOnlyDictionary<string, GenerationResult> Run(Pipeline pipeline, ShardSelection? selection)
    {
        var results = new Dictionary<string, GenerationResult>();
        foreach (var (split, _) in pipeline.Definition.Dataset.Splits.Stored)
        {
            var listener = pipeline.Settings.Listener;
            listener?.StageStarted($"generate {split}");
            var source = TraceSources.Of(pipeline.Definition, split);
            var trace = pipeline.Definition.Dataset.Trace;
            var plan = new DatasetPlan
            {
                Directory = pipeline.DataDirectory,
                Split = split,
                DefinitionHash = pipeline.DataHash,
                TracesPerShard = pipeline.Definition.Dataset.ShardRows,
                SamplingRate = trace.SamplingRateHz is { } rate ? Invariant.Text($"{rate} Hz") : "1/dt",
                Seeds = new Dictionary<string, long> { ["definition"] = pipeline.Definition.Seed },
            };
            var progress = new Relay<GenerationProgress>(p =>
                listener?.StageProgressed((double)p.TracesDone / p.Traces, $"{p.TracesDone} of {p.Traces} traces")
            );
            var result = DatasetGenerator.Generate(source, plan, selection, progress, pipeline.Settings.Cancellation);
            results.Add(split, result);
            Console.Error.WriteLine(
                $"T features {T.Features:F2} record {T.Record:F2} sim {T.Sim:F2} rheobase {T.R:F2} regression {T.G:F2} thresholds {T.H:F2}"
            );
            var part = selection is null ? "" : "its part of ";
            listener?.StageEnded($"{part}{source.Count} traces{(result.Made == 0 ? ", kept" : "")}");
        }

        return results;
    }

    // System.Progress posts to the thread pool, so its reports arrive late and out of order.
    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
