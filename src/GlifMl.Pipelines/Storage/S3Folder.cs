using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>
/// The files of a split in S3. A shard is made in a temporary folder, then put under the condition that none is there: of those who make
/// one at once, the first one's stays, as with files the last one's does, and both are the same bytes.
/// </summary>
internal sealed class S3Folder(S3Storage storage, S3Address address) : IFileStore
{
    /// <summary>What is in S3 at a path.</summary>
    public static S3Folder At(string path) => new(S3Storage.Default, S3Address.Parse(path));

    /// <inheritdoc/>
    public IEnumerable<string> Names() => storage.List(address, deep: false).Select(file => file.Name);

    /// <inheritdoc/>
    public string PathOf(string name) => address.Child(name).ToString();

    /// <inheritdoc/>
    public bool Exists(string name) => storage.LengthOf(address.Child(name)) is not null;

    /// <inheritdoc/>
    public Stream OpenRead(string name) =>
        storage.LengthOf(address.Child(name)) is { } length
            ? new S3Stream(storage, address.Child(name), length)
            : throw new FileNotFoundException($"{PathOf(name)}: found no such file; expected one that is there", PathOf(name));

    /// <summary>What the split holds, as its manifest says.</summary>
    /// <exception cref="FileNotFoundException">There is none: the split is not complete.</exception>
    public Manifest Manifest() => Datasets.Manifest.Load(this);

    /// <summary>Brings a file onto this machine.</summary>
    public void Fetch(string name, string path) => storage.Fetch(address.Child(name), path);

    /// <summary>Nothing: a server keeps the bytes that it was given, and whoever fetches a shard checks them.</summary>
    public void Verify(string shard, CancellationToken cancellation) => cancellation.ThrowIfCancellationRequested();

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        using var made = TemporaryFolder.Create("s3");
        var path = Path.Combine(made.Path, name);
        AtomicFile.Write(path, write);
        storage.Put(address.Child(name), path);
    }

    /// <inheritdoc/>
    public void AddShard(string shard, Action<string> make)
    {
        using var made = TemporaryFolder.Create("s3");
        var (path, sum) = (Path.Combine(made.Path, shard), ShardChecksum.PathOf(shard));
        make(path);
        // The checksum goes first: a shard without one is then never an interrupted run's, but someone else's.
        storage.Put(address.Child(sum), ShardChecksum.PathOf(path));
        if (storage.Put(address.Child(shard), path, onlyNew: true))
            return;
        var (own, there) = (ShardChecksum.Require(path), Path.Combine(made.Path, "there", shard));
        Fetch(shard, there);
        if (ShardChecksum.Compute(there) is var found && found == own)
            return;
        // The shard stays, and so must what is said of it.
        ShardChecksum.Write(there, found);
        storage.Put(address.Child(sum), ShardChecksum.PathOf(there));
        throw DatasetErrors.AnotherShard(PathOf(shard), found, own);
    }

    /// <summary>Nothing: what is not whole is not there.</summary>
    public void RemoveLeftovers() { }
}

/// <summary>A file in S3, of which a block at a time is asked for, wherever it is read.</summary>
internal sealed class S3Stream(S3Storage storage, S3Address file, long length) : Stream
{
    private const int BlockBytes = 1 << 18;

    private readonly byte[] _block = new byte[Math.Min(BlockBytes, length)];
    private long _start = -1;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (Position >= length || buffer.Length == 0)
            return 0;
        if (_start < 0 || Position < _start || Position >= _start + _block.Length)
        {
            // The last block is a whole one: what a Parquet file is read for first stands there.
            var start = Math.Min(Position, length - _block.Length);
            storage.Read(file, start, _block);
            _start = start;
        }

        var part = _block.AsSpan((int)(Position - _start));
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer);
        Position += part.Length;
        return part.Length;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
