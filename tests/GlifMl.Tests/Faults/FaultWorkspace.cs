using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Faults;

/// <summary>A folder with the tiny definition, in which commands leave their results.</summary>
internal sealed partial class FaultWorkspace : IDisposable
{
    // What tells when, for how long and in how many goes something was done, or holds such numbers among others.
    private static readonly string[] Timed =
    [
        "training.jsonl",
        "report.html",
        "model.zip",
        "comparison.md",
        "comparison.svg",
        "comparison.png",
    ];
    private static readonly string[] TimedFolders = ["tensorboard", "checkpoint", "figures"];
    private static readonly string[] TimedKeys = ["seconds", "made", "peakMemoryMiB", "tracesPerSecond", "reused"];

    private readonly TinyPipeline _tiny = new();

    public FaultWorkspace()
    {
        Baseline = _tiny["mean.yaml"];
        File.WriteAllText(
            Baseline,
            File.ReadAllText(Definition).Split("  - scale-trace")[0].Replace("name: tiny", "name: mean") + "  - mean\n"
        );
    }

    public string Definition => _tiny.Definition;

    public string Baseline { get; }

    public string Data => _tiny.Data;

    public string Model => _tiny.Model;

    public string this[string name] => _tiny[name];

    private string Root => Path.GetDirectoryName(Definition)!;

    /// <summary>Takes what another workspace holds.</summary>
    public void CopyFrom(FaultWorkspace other)
    {
        foreach (var file in Directory.GetFiles(other.Root, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(Root, Path.GetRelativePath(other.Root, file));
            if (File.Exists(to))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    /// <summary>Makes all files younger than the clock says it is, as where it was set back.</summary>
    public void SetClockBack()
    {
        foreach (var file in Directory.GetFiles(Root, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(5));
    }

    /// <summary>A text's lines, without the workspace's own name.</summary>
    public string[] Lines(string name) => File.ReadAllText(this[name]).Replace(Root, ".", StringComparison.Ordinal).TrimEnd().Split('\n');

    /// <summary>Temporary files.</summary>
    public string[] Leftovers() =>
        [.. Directory.GetFiles(Root, "*.tmp", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Root, file))];

    /// <summary>The results under their final names, without what tells of time.</summary>
    public SortedDictionary<string, string> Results()
    {
        SortedDictionary<string, string> results = new(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(Root, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Root, path);
            var parts = name.Split(Path.DirectorySeparatorChar);
            if (name.EndsWith(".tmp", StringComparison.Ordinal) || Timed.Contains(parts[^1]) || parts.Intersect(TimedFolders).Any())
                continue;
            results[name] = parts[^1] is "metrics.json" or "report.json" or "comparison.json" ? WithoutTimes(path) : Hash(path);
        }

        return results;
    }

    public void Dispose() => _tiny.Dispose();

    private string Hash(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (Path.GetExtension(path) is ".yaml" or ".csv" or ".sh" or "" || Path.GetFileName(path) == "submission.json")
            bytes = Encoding.UTF8.GetBytes(
                SubmissionName.Replace(Encoding.UTF8.GetString(bytes).Replace(Root, ".", StringComparison.Ordinal), "model")
            );
        return Convert.ToHexString(SHA256.HashData(bytes));
    }

    private string WithoutTimes(string path)
    {
        var node = JsonNode.Parse(File.ReadAllText(path).Replace(Root, ".", StringComparison.Ordinal))!;
        Strip(node);
        return node.ToJsonString();
    }

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject all)
        {
            foreach (var key in all.Select(pair => pair.Key).ToArray())
            {
                if (TimedKeys.Any(timed => key.Contains(timed, StringComparison.OrdinalIgnoreCase)))
                    all.Remove(key);
                else
                    Strip(all[key]);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
                Strip(item);
        }
    }

    /// <summary>A submission is named for where its model is to be.</summary>
    [GeneratedRegex("model-[0-9a-f]{8}")]
    private static partial Regex SubmissionName { get; }
}
