using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>A dataset on disk, and which models were trained on it: what says whether its shards may go.</summary>
/// <param name="Folder">Its folder, which has one folder a split.</param>
/// <param name="Hash">Hash of its definition; null where none of its shards can be read.</param>
/// <param name="Bytes">Size of the files that a generator wrote.</param>
/// <param name="Models">Folders of the models that name it.</param>
/// <param name="IsBusy">Whether somebody may still be writing to it.</param>
internal sealed record StoredDataset(string Folder, string? Hash, long Bytes, IReadOnlyList<string> Models, bool IsBusy)
{
    // A generator nearly always has a temporary file open; between two shards nothing shows but what it has just written.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    // A model's folder may be a link to another disk; a link that leads back to itself ends here.
    private static readonly EnumerationOptions Deep = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        AttributesToSkip = FileAttributes.None,
    };

    /// <summary>What is known of it, in a word.</summary>
    public string Status =>
        Models.Count > 0 ? "named"
        : Hash is null ? "unreadable"
        : IsBusy ? "busy"
        : "unnamed";

    /// <summary>Whether it may go: no model names it, what it is is known, and nobody is writing to it.</summary>
    public bool IsUnnamed => Models.Count == 0 && Hash is not null && !IsBusy;

    /// <summary>The datasets in a folder, in the order of their names.</summary>
    /// <param name="folder">The folder that has one folder a dataset, or one dataset's.</param>
    /// <param name="modelFolders">Folders that hold models, at any depth.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is not there.</exception>
    /// <exception cref="InvalidDataException">Nothing that says what a model was trained on can be read.</exception>
    public static IReadOnlyList<StoredDataset> In(string folder, IReadOnlyList<string> modelFolders)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"found no folder {folder}; expected one that has a folder a dataset");
        if (modelFolders.FirstOrDefault(path => !Directory.Exists(path)) is { } missing)
            throw new DirectoryNotFoundException($"found no folder {missing}; expected one that holds models");
        var models = modelFolders.SelectMany(ModelsIn).ToArray();
        string[] folders = IsDataset(folder) ? [folder] : [.. Directory.GetDirectories(folder).Where(IsDataset)];
        return [.. folders.Order(StringComparer.Ordinal).Select(path => Of(path, models))];
    }

    /// <summary>Removes what a generator wrote; other files stay, and the folders that they are in.</summary>
    /// <returns>Whether it did: not where somebody has begun to write to it meanwhile.</returns>
    public bool Remove()
    {
        if (!IsUnnamed || IsWrittenTo(Folder))
            return false;
        foreach (var split in SplitsIn(Folder))
        {
            // The manifest first: it says that the rest is there.
            foreach (var file in Written(split).OrderBy(file => Path.GetFileName(file) == Manifest.FileName ? 0 : 1))
                File.Delete(file);
            RemoveIfEmpty(split);
        }

        RemoveIfEmpty(Folder);
        return true;
    }

    private static StoredDataset Of(string folder, IReadOnlyList<(string Folder, HashSet<string> Hashes, string? Data)> models)
    {
        var hash = SplitsIn(folder).Select(HashOf).FirstOrDefault(found => found is not null);
        string[] naming =
        [
            .. models
                .Where(model => (hash is not null && model.Hashes.Contains(hash)) || model.Data == Path.GetFullPath(folder))
                .Select(model => model.Folder),
        ];
        var bytes = SplitsIn(folder).SelectMany(Written).Sum(file => new FileInfo(file).Length);
        return new(folder, hash, bytes, naming, IsWrittenTo(folder));
    }

    private static bool IsDataset(string folder) => SplitsIn(folder).SelectMany(Written).Any();

    private static IEnumerable<string> SplitsIn(string folder) =>
        SplitsDefinition.Names.Select(split => Path.Combine(folder, split)).Where(Directory.Exists);

    private static IEnumerable<string> Written(string split) =>
        Directory
            .EnumerateFiles(split)
            .Where(file =>
                Path.GetFileName(file) == Manifest.FileName
                || file.EndsWith(".parquet", StringComparison.Ordinal)
                || file.EndsWith(".parquet.sha256", StringComparison.Ordinal)
                || TemporaryName.IsAbandoned(file)
            );

    private static bool IsWrittenTo(string folder) =>
        SplitsIn(folder)
            .SelectMany(Directory.EnumerateFiles)
            .Any(file =>
                (file.EndsWith(TemporaryName.Suffix, StringComparison.Ordinal) && !TemporaryName.IsAbandoned(file))
                || TimeProvider.System.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(file) < Settled
            );

    private static string? HashOf(string split) =>
        Tried(() => File.Exists(Path.Combine(split, Manifest.FileName)) ? Manifest.DefinitionHashOf(split) : null)
        ?? Directory
            .EnumerateFiles(split, "*.parquet")
            .Select(shard => Tried(() => ShardDataView.Open(shard, verify: false).Metadata.DefinitionHash))
            .FirstOrDefault(hash => hash is not null);

    private static IEnumerable<(string Folder, HashSet<string> Hashes, string? Data)> ModelsIn(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", Deep)
            .Where(file => Path.GetFileName(file) is "model.onnx" or "pipeline.yaml" or "metrics.json")
            .Select(file => Path.GetDirectoryName(file)!)
            .Distinct()
            .Select(path => new ModelDirectory(path))
            .Select(Named);

    /// <summary>
    /// What a model says that it was trained on, wherever it says so: a training that has not ended has its definition alone.
    /// </summary>
    private static (string Folder, HashSet<string> Hashes, string? Data) Named(ModelDirectory model)
    {
        var definition = File.Exists(model.Definition) ? Tried(() => Pipeline.Load(model.Definition)) : null;
        string?[] hashes =
        [
            definition is null ? null : Tried(() => DatasetHash.Compute(definition)),
            Tried(() => PipelineMetrics.Load(model.Metrics)?.DataHash),
            File.Exists(model.Onnx) ? Tried(() => HashOf(model)) : null,
        ];
        HashSet<string> known = [.. hashes.OfType<string>().Where(hash => hash.Length > 0)];
        var data = definition?.Data is { } path ? Path.GetFullPath(path) : null;
        return known.Count > 0 || data is not null
            ? (model.Path, known, data)
            : throw new InvalidDataException(
                $"{model.Path}: found nothing that says what the model was trained on; expected a readable pipeline.yaml, model.onnx "
                    + "or metrics.json: mend or remove the folder first"
            );
    }

    private static string HashOf(ModelDirectory model)
    {
        using var loaded = OnnxModel.Load(model.Onnx);
        return loaded.Info.DataHash;
    }

    /// <summary>A value, or null where what it is read from is damaged or gone.</summary>
    private static T? Tried<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is InvalidDataException or DefinitionException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static void RemoveIfEmpty(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
            Directory.Delete(folder);
    }
}
