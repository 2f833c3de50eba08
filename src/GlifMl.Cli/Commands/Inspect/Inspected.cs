using System.Globalization;
using GlifMl.Onnx;
using GlifMl.Pipelines;

namespace GlifMl.Cli;

/// <summary>What <c>inspect</c> has to say of a path, once for people and once for programs.</summary>
/// <param name="Facts">Lines of text by what they are about.</param>
/// <param name="Json">The same as one JSON object; its key <c>kind</c> tells what was inspected.</param>
/// <param name="Definition">A definition that goes with it, as YAML; empty where there is none.</param>
internal sealed record Inspected(IReadOnlyList<KeyValuePair<string, string[]>> Facts, object Json, string Definition = "")
{
    /// <summary>What is to be said beside it, on standard error.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Looks at a file or a folder.</summary>
    /// <param name="path">The path.</param>
    /// <param name="overrides">Overrides of a definition.</param>
    /// <param name="selection">Which sweeps of a recording.</param>
    /// <param name="cancellation">Stops the reading of shards.</param>
    public static Inspected Of(string path, string[]? overrides, SweepSelection selection, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
            return OfFolder(path, cancellation);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: found no such file; expected a shard, a model, a recording or a definition", path);
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".parquet" => InspectedData.Shards(path, cancellation),
            ".onnx" => InspectedModel.File(path),
            ".json" => InspectedDefinition.Neuron(path),
            ".yaml" or ".yml" => RunList.IsRunList(path)
                ? InspectedDefinition.Runs(path, overrides)
                : InspectedDefinition.Definition(path, overrides),
            _ when Recordings.HasEnding(path) => InspectedData.Recording(path, selection),
            var other => throw new ArgumentException(
                $"{path}: found ending '{other}'; expected .parquet, .onnx, .nwb, .abf, .ibw, .csv, .yaml or .json"
            ),
        };
    }

    private static Inspected OfFolder(string path, CancellationToken cancellation)
    {
        var model = new ModelDirectory(path);
        if (File.Exists(model.Onnx) || File.Exists(model.Definition))
            return InspectedModel.Folder(model);
        string[] splits = [.. SplitsDefinition.Names.Where(split => Directory.Exists(Path.Combine(path, split)))];
        return splits.Length > 0
            ? InspectedData.Dataset(path, splits, split => InspectedData.Shards(Path.Combine(path, split), cancellation))
            : InspectedData.Shards(path, cancellation);
    }

    public static string Range(float[] values, string unit)
    {
        var s = TraceStatistics.Of(values);
        return $"{s.Minimum:G5} to {s.Maximum:G5} {unit}, mean {s.Mean:G5}";
    }

    public static string Number(double? value) => value?.ToString("G5", CultureInfo.InvariantCulture) ?? "n/a";

    public static string Word(Enum value) => value.ToString().ToLowerInvariant();

    public static KeyValuePair<string, string[]> Fact(string key, params string[] lines) => new(key, lines);
}
