using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace GlifMl.Datasets;

/// <summary>
/// Writes one shard: zstd over byte-stream-split columns, a batch a row group. The file appears under its name, with its SHA-256 beside it in
/// <c>NAME.sha256</c>, only when <see cref="Complete"/> returns; otherwise <see cref="Dispose"/> removes what was written. The same batches
/// give the same bytes.
/// </summary>
public sealed class ShardWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly HashingStream _hashed;
    private readonly ParquetWriter _parquet;
    private readonly DataField[] _fields;
    private int[] _definitionLevels = [];
    private int[] _repetitionLevels = [];
    private long _rows;
    private bool _closed;

    /// <summary>Starts a shard; a leftover of an interrupted attempt is emptied.</summary>
    /// <param name="path">The shard's final path.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="metadata">What its footer says.</param>
    /// <exception cref="IOException">The folder cannot be written to, or another process is writing this shard.</exception>
    public ShardWriter(string path, ShardSchema schema, ShardMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(metadata);
        _path = path;
        _temporary = TemporaryPath(path);
        Schema = schema;
        var parquetSchema = ShardColumns.ToParquet(schema);
        _fields = parquetSchema.DataFields;
        ParquetOptions options = new()
        {
            CompressionMethod = CompressionMethod.Zstd,
            // SmallestSize, the default, is zstd 19: far too slow to keep up with the simulation.
            CompressionLevel = CompressionLevel.Fastest,
        };
        foreach (var field in _fields)
            options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.ByteSplitStream;
        _file = AtomicFile.Create(_temporary);
        _hashed = new HashingStream(_file);
        try
        {
            _parquet = ParquetWriter.CreateAsync(parquetSchema, _hashed, options).GetAwaiter().GetResult();
            _parquet.CustomMetadata = metadata.ToFooter();
        }
        catch
        {
            Discard();
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
            throw new ArgumentException($"The batch holds {batch.Schema}, the shard {Schema}.", nameof(batch));
        if (batch.Rows == 0)
            throw new ArgumentException("The batch has no rows: a row group needs at least one.", nameof(batch));
        FillLevels(batch.Rows);
        WriteRowGroup(batch).GetAwaiter().GetResult();
        _rows += batch.Rows;
    }

    /// <summary>Finishes the shard: flushed to disk, checksum file written, then renamed to its name.</summary>
    /// <returns>What the manifest records of it.</returns>
    /// <exception cref="InvalidOperationException">Nothing was written.</exception>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public ManifestShard Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_rows == 0)
            throw new InvalidOperationException($"{_path}: a shard needs at least one row.");
        _parquet.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _file.Flush(flushToDisk: true);
        var sha256 = _hashed.Sha256();
        var bytes = _hashed.Position;
        CloseFile();
        // The checksum goes first: a shard without one is then never an interrupted run's, but someone else's.
        ShardChecksum.Write(_path, sha256);
        File.Move(_temporary, _path, overwrite: true);
        return new ManifestShard(Path.GetFileName(_path), _rows, bytes, sha256);
    }

    /// <summary>Ends the writing; removes the temporary file of a shard that was not completed.</summary>
    public void Dispose()
    {
        if (!_closed)
            Discard();
        else
            File.Delete(_temporary);
    }

    /// <summary>Where the shard is written until it is whole: one fixed place, so that a second attempt reuses a leftover.</summary>
    internal static string TemporaryPath(string path) => path + AtomicFile.TemporarySuffix;

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

    private void Discard()
    {
        CloseFile();
        File.Delete(_temporary);
    }

    private void CloseFile()
    {
        _closed = true;
        _hashed.Dispose();
        _file.Dispose();
    }
}
