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
            var progress = new Relay<GenerationProgress>(p =>
                listener?.StageProgressed((double)p.TracesDone / p.Traces, $"{p.TracesDone} of {p.Traces} traces")
            );
            var result = DatasetGenerator.Generate(source, PlanOf(pipeline, split), selection, progress, pipeline.Settings.Cancellation);
            results.Add(split, result);
            var part = selection is null ? "" : "its part of ";
            listener?.StageEnded($"{part}{source.Count} traces{(result.Made == 0 ? ", kept" : "")}");
        }

        return results;
    }

    /// <summary>Writes the manifests of splits whose shards are all there, whichever processes made them.</summary>
    /// <returns>Shards, by split.</returns>
    /// <exception cref="InvalidDataException">A shard is missing, or is another definition's.</exception>
    public static IReadOnlyDictionary<string, int> Assemble(Pipeline pipeline)
    {
        var results = new Dictionary<string, int>();
        foreach (var (split, _) in pipeline.Definition.Dataset.Splits.Stored)
        {
            var listener = pipeline.Settings.Listener;
            listener?.StageStarted($"assemble {split}");
            var shards = DatasetGenerator.Assemble(TraceSources.Of(pipeline.Definition, split), PlanOf(pipeline, split));
            results.Add(split, shards);
            listener?.StageEnded($"{shards} shards");
        }

        return results;
    }

    /// <summary>How each stored split is cut into shards, and how many traces it has. It reads the neuron and the stimuli.</summary>
    public static IReadOnlyList<(DatasetPlan Plan, long Traces)> Plans(Pipeline pipeline) =>
        [
            .. pipeline.Definition.Dataset.Splits.Stored.Select(split =>
                (PlanOf(pipeline, split.Name), TraceSources.Of(pipeline.Definition, split.Name).Count)
            ),
        ];

    private static DatasetPlan PlanOf(Pipeline pipeline, string split)
    {
        var trace = pipeline.Definition.Dataset.Trace;
        return new DatasetPlan
        {
            Directory = pipeline.DataDirectory,
            Place = S3Address.Is(pipeline.DataDirectory) ? S3Folder.At : null,
            Split = split,
            DefinitionHash = pipeline.DataHash,
            TracesPerShard = pipeline.Definition.Dataset.ShardRows,
            SamplingRate = trace.SamplingRateHz is { } rate ? Invariant.Text($"{rate} Hz") : "1/dt",
            Seeds = new Dictionary<string, long> { ["definition"] = pipeline.Definition.Seed },
        };
    }

    // System.Progress posts to the thread pool, so its reports arrive late and out of order.
    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
