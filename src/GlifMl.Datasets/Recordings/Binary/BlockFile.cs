namespace GlifMl.Datasets;

/// <summary>A file of a fixed layout: blocks of it, and errors that name it.</summary>
internal sealed class BlockFile : IDisposable
{
    private readonly FileStream _file;
    private readonly string _what;

    /// <param name="path">The file.</param>
    /// <param name="what">What it should be, for messages.</param>
    public BlockFile(string path, string what)
    {
        _file = File.OpenRead(path);
        (Path, _what) = (path, what);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Reads a block.</summary>
    /// <exception cref="InvalidDataException">The file does not have it.</exception>
    public byte[] Read(long at, long bytes)
    {
        Require(at, bytes);
        var block = new byte[bytes];
        ReadInto(at, block);
        return block;
    }

    /// <summary>Reads a block that is known to be there.</summary>
    public void ReadInto(long at, Span<byte> block)
    {
        Require(at, block.Length);
        _file.Position = at;
        _file.ReadExactly(block);
    }

    /// <summary>An error of the file.</summary>
    public InvalidDataException Fault(string found, string expected) => new($"{Path}: found {found}; expected {expected}");

    /// <summary>The error of a header that no program wrote.</summary>
    public InvalidDataException Damaged(string found) => Fault($"a truncated or damaged file ({found})", $"a whole {_what}");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Require(long at, long bytes)
    {
        if (at < 0 || bytes < 0 || at > Length || bytes > Length - at)
            throw Damaged(Invariant.Text($"bytes {at} to {at + bytes} of {Length}"));
    }
}
