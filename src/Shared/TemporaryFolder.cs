namespace GlifMl;

/// <summary>
/// A folder among the system's temporary ones, for this user alone and under a name that nobody can know beforehand, removed with what is
/// in it. What killed processes left is removed by the next one that makes such a folder.
/// </summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string NamePrefix = "glifml-";
    private static int _isCleaned;

    private TemporaryFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Makes a folder.</summary>
    /// <param name="purpose">What a person reads who finds it.</param>
    public static TemporaryFolder Create(string purpose)
    {
        if (Interlocked.Exchange(ref _isCleaned, 1) == 0)
            RemoveLeftovers(System.IO.Path.GetTempPath());
        return new(Directory.CreateTempSubdirectory(TemporaryName.Beside(NamePrefix + purpose) + "-").FullName);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Removes the folders of this user's processes that are gone.</summary>
    internal static void RemoveLeftovers(string folder)
    {
        foreach (var left in Directory.GetDirectories(folder, $"{NamePrefix}*{TemporaryName.Suffix}-*"))
        {
            if (!TemporaryName.IsAbandoned(left) || !FileNode.IsOwn(left))
                continue;
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process is at it, or Windows holds a library that is loaded: the next one finds it.
            }
        }
    }
}
