using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlifMl.Pipelines;

/// <summary>The figures of a trained model: <c>metrics.json</c>.</summary>
/// <param name="Pipeline">Name of the definition.</param>
/// <param name="Seed">The definition's seed.</param>
/// <param name="DataHash">Hash of the dataset's definition.</param>
/// <param name="Test">The test split, all of it: with cells held out, traces of cells seen in training and of cells never seen.</param>
/// <param name="HeldOut">The test rows in held-out cells, with a chance and a floor of their own; null, and not written, where no cells are held out.</param>
/// <param name="Validation">The validation split; null without one.</param>
/// <param name="Seconds">Wall time by stage.</param>
/// <param name="Model">Size of the model.</param>
/// <param name="PeakMemoryMiB">Largest resident memory of the process so far, MiB.</param>
public sealed record PipelineMetrics(
    string Pipeline,
    int Seed,
    string DataHash,
    SplitMetrics Test,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SplitMetrics? HeldOut,
    SplitMetrics? Validation,
    StageSeconds Seconds,
    ModelSize Model,
    double PeakMemoryMiB
)
{
    /// <summary>The test rows outside the held-out cells, as <see cref="HeldOut"/>: what the model makes of new traces in cells that it has seen. Default null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitMetrics? SeenCells { get; init; }

    /// <summary>Reads <c>metrics.json</c>; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not a metrics file.</exception>
    public static PipelineMetrics? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            // What is missing in JSON is null, whatever the record says.
            return
                JsonSerializer.Deserialize<PipelineMetrics>(File.ReadAllText(path), Json.Options)
                    is { Pipeline: not null, DataHash: not null, Seconds: not null, Model: not null } metrics
                && IsWhole(metrics.Test)
                && new[] { metrics.HeldOut, metrics.SeenCells, metrics.Validation }.All(split => split is null || IsWhole(split))
                ? metrics
                : throw NoMetrics("it lacks keys that every metrics file has");
        }
        catch (JsonException e)
        {
            throw NoMetrics(e.Message, e);
        }

        static bool IsWhole(SplitMetrics? split) =>
            split is { FloorNote: not null, Parameters: { Count: > 0 } parameters } && parameters.Values.All(p => p is not null);

        InvalidDataException NoMetrics(string why, Exception? inner = null) =>
            new($"{path} is not a metrics file ({why}); delete it and evaluate again", inner);
    }

    /// <summary>Writes <c>metrics.json</c>, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, Json.ToText(this));
}
