using Parquet;
using Parquet.Schema;

namespace GlifMl.Datasets;

/// <summary>
/// Reads whole row groups into the caller's memory: the quick way for trainers that shuffle and prefetch themselves. Shards stay open
/// between reads. One thread at a time; several readers of one view may run at once.
/// </summary>
public sealed class RowGroupReader : IDisposable
{
    /// <summary>Footers are parsed once for so many shards; more would only cost file handles.</summary>
    private const int MaxOpenShards = 32;

    private readonly IReadOnlyList<ShardFile> _files;
    private readonly Func<string, Stream> _open;
    private readonly bool _verify;
    private readonly Queue<int> _openOrder = new();
    private readonly Dictionary<int, OpenShard> _openShards = [];
    private readonly TraceChunkReader _chunks = new();
    private int[] _definitionLevels = [];
    private int[] _repetitionLevels = [];

    internal RowGroupReader(IReadOnlyList<ShardFile> files, Func<string, Stream> open, bool verify)
    {
        _files = files;
        _open = open;
        _verify = verify;
    }

    /// <summary>Reads the columns that <paramref name="batch"/> holds and sets its <see cref="TraceBatch.Rows"/>.</summary>
    /// <param name="group">A row group of the view that made this reader.</param>
    /// <param name="batch">Memory for at least <see cref="ShardRowGroup.Rows"/> rows of the view's schema.</param>
    /// <exception cref="ArgumentException">The batch is too small or of another schema.</exception>
    /// <exception cref="InvalidDataException">The shard is damaged, or its rows differ in length.</exception>
    public void Read(ShardRowGroup group, TraceBatch batch)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(batch);
        var file = _files[group.File];
        if (!batch.Schema.Equals(file.Schema))
            throw new ArgumentException($"{file.Path}: found a batch of {batch.Schema}; expected {file.Schema}", nameof(batch));
        if (!File.Exists(file.Path))
            throw DatasetErrors.NoFile(file.Path, "the shard that was there when the view was opened");
        batch.Rows = group.Rows;
        try
        {
            ReadColumns(Shard(group.File), group, batch).GetAwaiter().GetResult();
        }
        catch (Exception e) when (!DatasetErrors.IsWorded(e, file.Path))
        {
            // Parquet.Net and zstd answer damaged pages with whatever they run into.
            throw DatasetErrors.NotParquet(file.Path, e);
        }
    }

    /// <summary>Closes the shards.</summary>
    public void Dispose()
    {
        foreach (var shard in _openShards.Values)
            shard.Stream.Dispose();
        _openShards.Clear();
        _openOrder.Clear();
    }

    private OpenShard Shard(int index)
    {
        if (_openShards.TryGetValue(index, out var shard))
            return shard;
        if (_openOrder.Count == MaxOpenShards && _openShards.Remove(_openOrder.Dequeue(), out var oldest))
            oldest.Stream.Dispose();
        var file = _files[index];
        var isKnown = _verify && ShardChecksum.Verify(file.Path, CancellationToken.None);
        var stream = _open(file.Path);
        try
        {
            var parquet = ParquetFile.Open(stream, out var end);
            if (!isKnown)
                ParquetPages.Check(stream, parquet, end);
            shard = new OpenShard(stream, end, parquet, ShardColumns.Fields(file.Schema, parquet));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        _openShards.Add(index, shard);
        _openOrder.Enqueue(index);
        return shard;
    }

    private async Task ReadColumns(OpenShard shard, ShardRowGroup group, TraceBatch batch)
    {
        using var rows = shard.Parquet.OpenRowGroupReader(group.Group);
        for (var column = 0; column < shard.Fields.Length; column++)
        {
            if (!batch.Active[column])
                continue;
            var field = shard.Fields[column];
            switch (batch.Schema.KindOf(column))
            {
                case ColumnKind.Trace:
                    if (!TryReadTraces(shard, rows, field, batch, column))
                        await ReadTraces(rows, field, batch, column, group);
                    break;
                case ColumnKind.Label:
                    await rows.ReadAsync<double>(field, batch.LabelColumn(column));
                    break;
                case ColumnKind.Id:
                    await rows.ReadAsync<long>(field, batch.IdColumn(column));
                    break;
                default:
                    await rows.ReadAsync<int>(field, batch.CountColumn());
                    break;
            }
        }
    }

    private bool TryReadTraces(OpenShard shard, ParquetRowGroupReader rows, DataField field, TraceBatch batch, int column)
    {
        var chunk = rows.GetMetadata(field)!.MetaData!;
        return _chunks.TryRead(shard.Stream, chunk, shard.End, field, batch.Schema.Samples, batch.Traces(column).Span);
    }

    /// <summary>The way of any Parquet file: older shards, other programs', and damaged ones, of which it says what is wrong.</summary>
    private async Task ReadTraces(ParquetRowGroupReader rows, DataField field, TraceBatch batch, int column, ShardRowGroup group)
    {
        var values = batch.Rows * batch.Schema.Samples;
        if (_definitionLevels.Length < values)
        {
            _definitionLevels = new int[values];
            _repetitionLevels = new int[values];
        }
        var definition = _definitionLevels.AsMemory(0, values);
        var repetition = _repetitionLevels.AsMemory(0, values);
        await rows.ReadRawAsync<float>(field, batch.Traces(column), definition, repetition);
        // As many lists start as there are rows, so all rows are equally long when each multiple of the length starts one.
        if (definition.Span.ContainsAnyExcept(field.MaxDefinitionLevel))
            throw Ragged();
        for (var row = 0; row < batch.Rows; row++)
        {
            if (repetition.Span[row * batch.Schema.Samples] != 0)
                throw Ragged();
        }

        InvalidDataException Ragged() =>
            DatasetErrors.RaggedColumn(_files[group.File].Path, group.Group, batch.Schema.Columns[column], batch.Schema.Samples);
    }

    private sealed record OpenShard(Stream Stream, long End, ParquetReader Parquet, DataField[] Fields);
}
