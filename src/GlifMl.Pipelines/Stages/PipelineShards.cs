namespace GlifMl.Pipelines;

/// <summary>The shards of a pipeline as they are read: where they are, or, of those in S3, where they were brought.</summary>
internal static class PipelineShards
{
    /// <summary>Opens a split's shards.</summary>
    /// <exception cref="InvalidDataException">
    /// The shards are missing, damaged, or of another definition; the message says what to do.
    /// </exception>
    public static ShardDataView Open(this Pipeline pipeline, string split)
    {
        Fetch(pipeline, split, only: null);
        var directory = Path.Combine(pipeline.LocalData, split);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException(
                $"{directory}: found no such folder; expected the {split} shards of this definition, which `glifml generate` writes"
            );
        var view = ShardDataView.Open(directory, cancellationToken: pipeline.Settings.Cancellation);
        return Own(pipeline, view, directory);
    }

    /// <summary>Opens one shard of this definition.</summary>
    /// <exception cref="FileNotFoundException">It is missing.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or another definition's.</exception>
    public static ShardDataView OpenShard(this Pipeline pipeline, string path)
    {
        Fetch(pipeline, Path.GetFileName(Path.GetDirectoryName(path)!), [Path.GetFileName(path)]);
        return Own(pipeline, ShardDataView.Open([path], cancellationToken: pipeline.Settings.Cancellation), path);
    }

    private static void Fetch(Pipeline pipeline, string split, string[]? only)
    {
        if (!S3Address.Is(pipeline.DataDirectory))
            return;
        var address = S3Address.Parse(pipeline.DataDirectory).Child(split);
        S3Shards.Fetch(
            S3Folder.At(address.ToString()),
            Path.Combine(pipeline.LocalData, split),
            pipeline.DataHash,
            only,
            (fraction, detail) => pipeline.Settings.Listener?.StageProgressed(fraction, detail),
            pipeline.Settings.Cancellation
        );
    }

    private static ShardDataView Own(Pipeline pipeline, ShardDataView view, string path)
    {
        foreach (var note in view.Notes)
            pipeline.Settings.Listener?.StageProgressed(0, note);
        return view.Metadata.DefinitionHash == pipeline.DataHash
            ? view
            : throw new InvalidDataException(
                $"{path}: found shards of definition {ShortHash.Of(view.Metadata.DefinitionHash)}; "
                    + $"expected {ShortHash.Of(pipeline.DataHash)}: delete it, or name another folder with --data"
            );
    }
}
