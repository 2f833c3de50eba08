using System.Text.Json;
using GlifMl.Torch.Training;

namespace GlifMl.Pipelines.Reporting.Data;

/// <summary>Reads <c>training.jsonl</c>.</summary>
internal static class TrainingCurve
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The epochs; empty where an estimator is fitted without any.</summary>
    /// <exception cref="InvalidDataException">A line is not an epoch.</exception>
    public static IReadOnlyList<EpochRecord> Load(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            return [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<EpochRecord>(line, Json)!)];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a training log ({e.Message}); train again", e);
        }
    }
}
