using System.Text.Json.Nodes;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using static GlifMl.Cli.Inspected;

namespace GlifMl.Cli;

/// <summary>
/// What <c>inspect</c> says of what is in S3: of a file or a model what it would here, of shards what their manifest says.
/// </summary>
internal static class InspectedRemote
{
    private static readonly string[] OfModel = ["model.onnx", "pipeline.yaml"];

    public static Inspected Of(string path, string[]? overrides, SweepSelection selection, CancellationToken cancellation)
    {
        var (storage, address) = (S3Storage.Default, S3Address.Parse(path));
        using var folder = TemporaryFolder.Create("s3");
        if (storage.LengthOf(address) is not null)
            return Named(Inspected.Of(S3Inputs.Fetch(address, folder.Path), overrides, selection, cancellation), folder, address);
        string[] names = [.. storage.List(address, deep: true).Select(file => file.Name)];
        if (OfModel.Any(names.Contains))
        {
            new S3Model(storage, address).Fetch(folder.Path);
            return Named(InspectedModel.Folder(new ModelDirectory(folder.Path)), folder, address);
        }

        string[] splits = [.. SplitsDefinition.Names.Where(split => names.Contains($"{split}/{Manifest.FileName}"))];
        if (splits.Length == 0)
            return Split(new S3Folder(storage, address), address.ToString());
        return InspectedData.Dataset(
            address.ToString(),
            splits,
            split => Split(new S3Folder(storage, address.Child(split)), $"{address.Child(split)}")
        );
    }

    private static Inspected Split(S3Folder files, string path)
    {
        var manifest = files.Manifest();
        var metadata = new ShardMetadata(manifest.DefinitionHash, manifest.Split, 0, manifest.Shards.Count, 0, manifest.SamplingRate);
        return InspectedData.Shards(path, manifest.Schema, metadata, manifest.Traces, rowGroups: null);
    }

    /// <summary>As the place is named, not the folder that it was brought to.</summary>
    private static Inspected Named(Inspected inspected, TemporaryFolder folder, S3Address address)
    {
        var json = JsonNode.Parse(Json.ToText(inspected.Json))!;
        Rename(json);
        return inspected with { Json = json, Facts = [.. inspected.Facts.Select(fact => Fact(fact.Key, [.. fact.Value.Select(Renamed)]))] };

        // Of a file that was inspected its own name stands behind the folder's.
        string Renamed(string text) =>
            text.Replace($"{folder.Path}/{Path.GetFileName(address.Key)}", address.ToString(), StringComparison.Ordinal)
                .Replace(folder.Path, address.ToString(), StringComparison.Ordinal);

        void Rename(JsonNode? node)
        {
            foreach (var (key, value) in node is JsonObject map ? map.ToArray() : [])
            {
                if (value is JsonValue leaf && leaf.TryGetValue<string>(out var text))
                    node![key] = Renamed(text);
                else
                    Rename(value);
            }
        }
    }
}
