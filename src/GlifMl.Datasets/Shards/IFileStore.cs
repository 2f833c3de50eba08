namespace GlifMl.Datasets;

/// <summary>
/// The files of one place by their names, a split's: a folder, or a prefix of a bucket. A file is there whole or not at all, and whoever
/// reads it may begin anywhere in it.
/// </summary>
internal interface IFileStore
{
    /// <summary>Names of the files, in any order; none where there is no such place yet.</summary>
    IEnumerable<string> Names();

    /// <summary>What messages call a file.</summary>
    string PathOf(string name);

    /// <summary>Whether a file is there.</summary>
    bool Exists(string name);

    /// <summary>Opens a file that is there.</summary>
    /// <exception cref="FileNotFoundException">It is not.</exception>
    Stream OpenRead(string name);

    /// <summary>Sees to it that a shard has the bytes that it was written with, where reading alone would not tell.</summary>
    /// <exception cref="InvalidDataException">It has others.</exception>
    void Verify(string shard, CancellationToken cancellation);

    /// <summary>Writes a file, replacing one that is there.</summary>
    void Write(string name, Action<Stream> write);

    /// <summary>
    /// Adds a shard and the checksum beside it, unless it is there by then: of those who make one shard at once, one's is kept.
    /// </summary>
    /// <param name="shard">Its name.</param>
    /// <param name="make">Makes both files on this machine, given the path of the shard.</param>
    /// <exception cref="InvalidDataException">Another shard has appeared under the name.</exception>
    void AddShard(string shard, Action<string> make);

    /// <summary>Removes what killed processes left.</summary>
    void RemoveLeftovers();
}

/// <summary>A folder.</summary>
internal sealed class LocalFiles(string folder) : IFileStore
{
    /// <inheritdoc/>
    public IEnumerable<string> Names() =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)) : [];

    /// <inheritdoc/>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <inheritdoc/>
    public bool Exists(string name) => File.Exists(PathOf(name));

    /// <inheritdoc/>
    public Stream OpenRead(string name) => ShardFile.OpenRead(PathOf(name));

    /// <inheritdoc/>
    public void Verify(string shard, CancellationToken cancellation) => ShardChecksum.Verify(PathOf(shard), cancellation);

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write) => AtomicFile.Write(PathOf(name), write);

    /// <inheritdoc/>
    public void AddShard(string shard, Action<string> make) => make(PathOf(shard));

    /// <inheritdoc/>
    public void RemoveLeftovers() => AtomicFile.RemoveLeftovers(folder);
}
