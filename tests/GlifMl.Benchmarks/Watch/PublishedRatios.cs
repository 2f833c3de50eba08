using System.Text.Json;
using GlifMl.Lstm;

namespace GlifMl.Benchmarks.Watch;

/// <summary>The ratios that are published of a processor, by name: results/PROCESSOR/ratios.json.</summary>
/// <param name="Path">The file.</param>
/// <param name="Ratios">How many times as fast as its peer each is.</param>
internal sealed record PublishedRatios(string Path, IReadOnlyDictionary<string, double> Ratios)
{
    private const string FileName = "ratios.json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Those of this processor; of another one where there are none; null where there are none at all.</summary>
    public static PublishedRatios? Find() =>
        Results
            .Folders()
            .Prepend(Results.Folder)
            .Select(folder => System.IO.Path.Combine(folder, FileName))
            .Where(File.Exists)
            .Select(path => new PublishedRatios(path, JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(path))!))
            .FirstOrDefault();

    /// <summary>Publishes what was measured here.</summary>
    public static void Publish(IEnumerable<KeyValuePair<string, double>> ratios)
    {
        Directory.CreateDirectory(Results.Folder);
        var rounded = ratios.ToDictionary(ratio => ratio.Key, ratio => Math.Round(ratio.Value, 3));
        var path = System.IO.Path.Combine(Results.Folder, FileName);
        File.WriteAllText(path, JsonSerializer.Serialize(rounded, Indented) + "\n");
        Console.WriteLine($"written to {path}, for {Processor.Name}");
    }
}
