namespace GlifMl.Pipelines;

/// <summary>A place in S3: <c>s3://BUCKET/PREFIX</c>, a file's or that of all whose names go on behind a slash.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">What stands behind it, without slashes at its ends; may be empty.</param>
internal sealed record S3Address(string Bucket, string Key)
{
    private const string Scheme = "s3://";

    /// <summary>Whether a path is such a place, and no file's or folder's of this machine.</summary>
    public static bool Is(string? path) => path?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads one.</summary>
    /// <exception cref="ArgumentException">It names no bucket.</exception>
    public static S3Address Parse(string path)
    {
        var parts = path[Scheme.Length..].Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 0 && !parts.Any(part => part is "." or "..")
            ? new(parts[0], string.Join('/', parts[1..]))
            : throw new ArgumentException($"{path}: found no bucket and name; expected s3://BUCKET/PREFIX");
    }

    /// <summary>The full path of a folder of this machine; one in S3 as it is.</summary>
    public static string FullPath(string path) => Is(path) ? Parse(path).ToString() : Path.GetFullPath(path);

    /// <summary>What has a name below this.</summary>
    public S3Address Child(string name) => this with { Key = Key.Length == 0 ? name : $"{Key}/{name}" };

    /// <inheritdoc/>
    public override string ToString() => Key.Length == 0 ? $"{Scheme}{Bucket}" : $"{Scheme}{Bucket}/{Key}";
}

/// <summary>A file in S3, as a list has it.</summary>
/// <param name="Name">What stands behind the prefix that was listed.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Tag">Changes whenever the content does; of a file put at once the MD5 of its content.</param>
/// <param name="Written">When it was put.</param>
internal sealed record S3File(string Name, long Length, string Tag, DateTime Written);
