using System.Text.Json;

namespace GlifMl.Datasets;

/// <summary>
/// What a split holds, as <c>manifest.json</c> in its folder. Written when all shards are there; a function of the shards and the plan, so
/// whoever writes it last writes the same bytes.
/// </summary>
/// <param name="SchemaVersion">Version of the column layout, <see cref="ShardMetadata.SchemaVersion"/>.</param>
/// <param name="Split">Name of the split.</param>
/// <param name="DefinitionHash">Identifies the definition.</param>
/// <param name="Seeds">Seeds the traces were drawn with, by purpose, in the order of their names.</param>
/// <param name="SamplingRate">The sampling rate as the definition words it.</param>
/// <param name="Traces">Rows of all shards.</param>
/// <param name="Schema">The columns.</param>
/// <param name="Shards">The shards, in row order.</param>
public sealed record Manifest(
    int SchemaVersion,
    string Split,
    string DefinitionHash,
    IReadOnlyDictionary<string, long> Seeds,
    string SamplingRate,
    long Traces,
    ShardSchema Schema,
    IReadOnlyList<ManifestShard> Shards
)
{
    /// <summary>Name of the file in the split's folder.</summary>
    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the manifest of a split.</summary>
    /// <param name="splitDirectory">The split's folder.</param>
    /// <returns>The manifest.</returns>
    /// <exception cref="FileNotFoundException">There is none: the split is not complete.</exception>
    /// <exception cref="InvalidDataException">It is not a manifest, or of another schema version.</exception>
    public static Manifest Load(string splitDirectory) => Load(new LocalFiles(splitDirectory));

    /// <summary>The same, of a split wherever it is.</summary>
    internal static Manifest Load(IFileStore files)
    {
        var path = files.PathOf(FileName);
        if (!files.Exists(FileName))
            throw DatasetErrors.NoFile(path, "the manifest of a complete split");
        var manifest = Parsed(path, () => ManifestReader.Read(() => files.OpenRead(FileName), Json));
        return manifest.SchemaVersion == ShardMetadata.SchemaVersion
            ? manifest
            : throw DatasetErrors.BadManifest(path, $"schema version {manifest.SchemaVersion}");
    }

    /// <summary>Which definition a split's manifest is of: of a million shards none is read.</summary>
    /// <exception cref="InvalidDataException">It is not a manifest.</exception>
    internal static string DefinitionHashOf(string splitDirectory) => DefinitionHashOf(new LocalFiles(splitDirectory));

    /// <summary>The same, of a split wherever it is.</summary>
    internal static string DefinitionHashOf(IFileStore files)
    {
        var path = files.PathOf(FileName);
        return Parsed(path, () => (string?)ManifestReader.Find(() => files.OpenRead(FileName), "definitionHash", Json))
            ?? throw DatasetErrors.BadManifest(path, "no definitionHash");
    }

    /// <summary>The hash that a split's manifest says a shard has; null where it says none, or is none.</summary>
    internal static string? Sha256Of(string splitDirectory, string file)
    {
        var (files, path) = (new LocalFiles(splitDirectory), Path.Combine(splitDirectory, FileName));
        try
        {
            return File.Exists(path)
                ? Parsed(
                    path,
                    () => ManifestReader.Shards(() => files.OpenRead(FileName), Json).FirstOrDefault(shard => shard.File == file)?.Sha256
                )
                : null;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Looks at the manifest beside shards that are about to be read, all of it, and keeps nothing.</summary>
    /// <param name="splitDirectory">The split's folder.</param>
    /// <param name="shards">Its shards.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of other shards.</exception>
    internal static void CheckBeside(string splitDirectory, ShardDataView shards)
    {
        var path = Path.Combine(splitDirectory, FileName);
        if (!File.Exists(path))
            return;
        var manifest = Load(splitDirectory);
        var (hash, own) = (manifest.DefinitionHash, shards.Metadata.DefinitionHash);
        if (hash != own)
            throw DatasetErrors.OtherShards(path, $"definition {ShortHash.Of(hash)}", ShortHash.Of(own));
        if ((manifest.Shards.Count, manifest.Traces) != (shards.FileCount, shards.Rows))
            throw DatasetErrors.OtherShards(
                path,
                $"{manifest.Shards.Count} shards of {manifest.Traces} traces",
                $"{shards.FileCount} of {shards.Rows}"
            );
    }

    private static T Parsed<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw DatasetErrors.BadManifest(path, e is JsonException { Path: { } at } ? $"no valid JSON at {at}" : "no valid JSON");
        }
    }

    /// <summary>Writes it, a shard at a time; what stands in <see cref="Shards"/> may be made meanwhile.</summary>
    internal void Save(string splitDirectory) => Save(new LocalFiles(splitDirectory));

    /// <summary>The same, of a split wherever it is.</summary>
    internal void Save(IFileStore files) =>
        files.Write(
            FileName,
            file =>
            {
                JsonSerializer.Serialize(file, this, Json);
                file.WriteByte((byte)'\n');
            }
        );
}

/// <summary>One shard in the manifest.</summary>
/// <param name="File">File name in the split's folder.</param>
/// <param name="Rows">Traces in it.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
public sealed record ManifestShard(string File, long Rows, long Bytes, string Sha256);
