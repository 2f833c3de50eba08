using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using Parquet;
using Parquet.Schema;

namespace GlifMl.Datasets;

/// <summary>
/// Writes one shard: Snappy, over byte-stream-split where it is floats, a batch a row group. The file appears under its name, with its
/// SHA-256 beside it in <c>NAME.sha256</c>, only when <see cref="Complete"/> returns; otherwise <see cref="Dispose"/> removes it. The same
/// batches give the same bytes.
/// </summary>
internal sealed class ShardWriter : IDisposable
{
    private readonly string _path;
    private readonly AtomicFile _file;
    private readonly HashingStream _hashed;
    private readonly ParquetWriter _parquet;
    private readonly DataField[] _fields;
    private int[] _definitionLevels = [];
    private int[] _repetitionLevels = [];
    private long _rows;
    private bool _closed;

    /// <summary>Starts a shard.</summary>
    /// <param name="path">The shard's final path.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="metadata">What its footer says.</param>
    /// <param name="layout">How it is laid out. Default: all defaults.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public ShardWriter(string path, ShardSchema schema, ShardMetadata metadata, ShardOptions? layout = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(metadata);
        _path = path;
        Schema = schema;
        var parquetSchema = ShardColumns.ToParquet(schema);
        _fields = parquetSchema.DataFields;
        ParquetOptions options = new()
        {
            CompressionMethod = (layout ?? new()).Compression,
            // Only zstd has levels; SmallestSize, the default, is its 19th, which no simulation waits for.
            CompressionLevel = CompressionLevel.Fastest,
        };
        // Of whole numbers too Parquet allows it, and DuckDB does not read it.
        foreach (var field in _fields.Where((_, column) => schema.KindOf(column) is ColumnKind.Trace or ColumnKind.Label))
            options.ColumnEncodingHints[field.Path.ToString(null, CultureInfo.InvariantCulture)] = EncodingHint.ByteSplitStream;
        _file = AtomicFile.Create(path);
        _hashed = new HashingStream(_file.Stream);
        try
        {
            _parquet = ParquetWriter.CreateAsync(parquetSchema, _hashed, options).GetAwaiter().GetResult();
            _parquet.CustomMetadata = metadata.ToFooter();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The columns written.</summary>
    public ShardSchema Schema { get; }

    /// <summary>Bytes written so far.</summary>
    public long BytesWritten => _hashed.Position;

    /// <summary>Appends <see cref="TraceBatch.Rows"/> rows as one row group.</summary>
    /// <param name="batch">Rows with all columns of <see cref="Schema"/>.</param>
    /// <exception cref="ArgumentException">The batch is empty, or of another schema.</exception>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public void Write(TraceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_closed, this);
        if (!batch.Schema.Equals(Schema))
            throw new ArgumentException($"{_path}: found a batch of {batch.Schema}; expected {Schema}", nameof(batch));
        if (batch.Rows == 0)
            throw new ArgumentException($"{_path}: found a batch without rows; expected at least one", nameof(batch));
        FillLevels(batch.Rows);
        WriteRowGroup(batch).GetAwaiter().GetResult();
        _rows += batch.Rows;
    }

    /// <summary>
    /// Finishes the shard: checksum file written, then flushed to disk and renamed. Where another process has made the same shard
    /// meanwhile, that one stays.
    /// </summary>
    /// <returns>What the manifest records of it.</returns>
    /// <exception cref="InvalidOperationException">Nothing was written.</exception>
    /// <exception cref="InvalidDataException">Another shard has appeared at the path meanwhile.</exception>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public ManifestShard Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_rows == 0)
            throw new InvalidOperationException($"{_path}: found no rows; expected at least one");
        _parquet.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _closed = true;
        var sha256 = _hashed.Sha256();
        var bytes = _hashed.Position;
        if (!File.Exists(_path))
        {
            // The checksum goes first: a shard without one is then never an interrupted run's, but someone else's.
            ShardChecksum.Write(_path, sha256);
            _file.Commit();
            ShardChecksum.Remember(_path);
        }
        else if (ShardChecksum.Compute(_path) is var found && found != sha256)
        {
            throw DatasetErrors.AnotherShard(_path, found, sha256);
        }
        return new ManifestShard(Path.GetFileName(_path), _rows, bytes, sha256);
    }

    /// <summary>Ends the writing; removes the temporary file of a shard that was not completed.</summary>
    public void Dispose()
    {
        _closed = true;
        _hashed.Dispose();
        _file.Dispose();
    }

    private async Task WriteRowGroup(TraceBatch batch)
    {
        using var group = _parquet.CreateRowGroup();
        var values = batch.Rows * Schema.Samples;
        for (var column = 0; column < _fields.Length; column++)
        {
            var field = _fields[column];
            switch (Schema.KindOf(column))
            {
                case ColumnKind.Trace:
                    var definition = _definitionLevels.AsMemory(0, values);
                    var repetition = _repetitionLevels.AsMemory(0, values);
                    await group.WriteAllPartsAsync<float>(field, batch.Traces(column), definition, repetition, CancellationToken.None);
                    break;
                case ColumnKind.Label:
                    await group.WriteAsync<double>(field, batch.LabelColumn(column));
                    break;
                case ColumnKind.Id:
                    await group.WriteAsync<long>(field, batch.IdColumn(column));
                    break;
                default:
                    await group.WriteAsync<int>(field, batch.CountColumn());
                    break;
            }
        }
        group.CompleteValidate();
    }

    /// <summary>Rows of one length have the same levels in every group: each value defined, each row starting a new list.</summary>
    private void FillLevels(int rows)
    {
        var values = rows * Schema.Samples;
        if (_definitionLevels.Length >= values)
            return;
        _definitionLevels = new int[values];
        _repetitionLevels = new int[values];
        Array.Fill(_definitionLevels, _fields[0].MaxDefinitionLevel);
        Array.Fill(_repetitionLevels, _fields[0].MaxRepetitionLevel);
        for (var row = 0; row < rows; row++)
            _repetitionLevels[row * Schema.Samples] = 0;
    }
}

/// <summary>How shards are laid out. Part of the bytes: other options give other files with the same rows.</summary>
public sealed record ShardOptions
{
    /// <summary>Rows a row group, the unit that is read and shuffled at once. Default: 32. At least 1.</summary>
    public int RowGroupRows { get; init; } = 32;

    /// <summary>
    /// Bytes of samples a row group, before compression; longer traces get fewer rows a group, at least one. Default: 64 MiB.
    /// </summary>
    public long RowGroupBytes { get; init; } = 64L << 20;

    /// <summary>
    /// zstd, as up to format 2, takes half as long again to write and four times as long to read; files are 8 % smaller (decision 20).
    /// </summary>
    internal CompressionMethod Compression { get; init; } = CompressionMethod.Snappy;

    /// <summary>Rows that a full row group of <paramref name="schema"/> holds.</summary>
    /// <param name="schema">The columns.</param>
    /// <returns>At least 1, at most <see cref="RowGroupRows"/>.</returns>
    /// <exception cref="ArgumentException">A setting is below 1.</exception>
    public int RowsFor(ShardSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (RowGroupRows < 1 || RowGroupBytes < 1)
            throw new ArgumentException($"found row groups of {RowGroupRows} rows and {RowGroupBytes} bytes; expected at least 1 of each");
        // 256 MiB a column keeps the level buffers, one int a value, indexable whatever the settings.
        var bytes = Math.Min(RowGroupBytes, 256L << 20);
        return (int)Math.Clamp(bytes / schema.RowBytes, 1, RowGroupRows);
    }
}

/// <summary>Passes writes on and hashes them, so that a shard is never read back for its SHA-256.</summary>
internal sealed class HashingStream(Stream inner) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    /// <summary>SHA-256 of everything written so far, lower-case hexadecimal.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
        _written += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
