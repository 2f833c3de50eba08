using System.Text.Json;
using GlifMl.Torch;

namespace GlifMl.Pipelines;

/// <summary>Reads <c>training.jsonl</c>.</summary>
internal static class TrainingCurve
{
    /// <summary>The epochs; empty where an estimator is fitted without any.</summary>
    /// <exception cref="InvalidDataException">A line is not an epoch.</exception>
    public static IReadOnlyList<EpochRecord> Load(string path)
    {
        if (!File.Exists(path))
            return [];
        return
        [
            .. File.ReadLines(path)
                .Index()
                .Where(line => line.Item.Length > 0)
                .Select(line =>
                    Epoch(line.Item)
                    ?? throw new InvalidDataException(
                        $"{path}:{line.Index + 1}: found '{Start(line.Item)}'; expected one epoch as JSON: train again"
                    )
                ),
        ];
    }

    private static EpochRecord? Epoch(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<EpochRecord>(line, Json.Options) is { Epoch: > 0 } epoch ? epoch : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Enough to find the line by.
    private static string Start(string line) => line.Length > 60 ? line[..60] + "..." : line;
}
