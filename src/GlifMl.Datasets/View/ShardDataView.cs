using GlifMl.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>
/// Shards as an ML.NET data view: lazy, repeatable, safe for use by several threads. A cursor reads only the columns asked for, one row
/// group at a time, or a window of several when it shuffles; no more than that is in memory. Traces are vectors of Single, labels Double,
/// ids Int64, the spike count Int32.
/// </summary>
public sealed class ShardDataView : IDataView
{
    /// <summary>Row groups mixed with each other when shuffling, by default: 4 x 32 rows.</summary>
    public const int DefaultShuffleWindow = 4;

    private readonly IReadOnlyList<ShardFile> _files;
    private readonly Func<string, Stream> _open;
    private readonly int _shuffleWindow;
    private readonly bool _verify;

    private ShardDataView(
        IReadOnlyList<ShardFile> files,
        IReadOnlyList<ShardRowGroup> rowGroups,
        int shuffleWindow,
        Func<string, Stream> open,
        bool verify,
        IReadOnlyList<string> notes
    )
    {
        _files = files;
        _verify = verify;
        Notes = notes;
        _open = open;
        _shuffleWindow = shuffleWindow;
        RowGroups = rowGroups;
        Rows = rowGroups.Sum(group => (long)group.Selected.Count);
        Schema = ToViewSchema(files[0].Schema);
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => true;

    /// <summary>The columns of the shards.</summary>
    public ShardSchema ShardSchema => _files[0].Schema;

    /// <summary>What the first shard's footer says; definition, split and sampling rate hold for all of them.</summary>
    public ShardMetadata Metadata => _files[0].Metadata;

    /// <summary>Paths of the shards, in row order.</summary>
    public IReadOnlyList<string> Files => [.. _files.Select(file => file.Path)];

    internal int FileCount => _files.Count;

    /// <summary>What a person should know of the shards: those of which no SHA-256 is known, so that they were read unchecked.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Rows of the view.</summary>
    public long Rows { get; }

    /// <summary>The row groups that hold rows of the view, in row order.</summary>
    public IReadOnlyList<ShardRowGroup> RowGroups { get; }

    /// <summary>Opens all shards of a folder, or a single shard.</summary>
    /// <remarks>
    /// Footers are read, and once in a process each shard whole, to see that it has the SHA-256 in the file beside it or in the manifest; a
    /// shard that has been written by this very process is known. On one core that is 0.8 to 1.1 GB/s (Xeon with SHA instructions): 1 to
    /// 2.3 % of the processor time of scoring the quickstart's test split, 0.13 s of its training. So no command has an option against it.
    /// </remarks>
    /// <param name="path">A split's folder, which must hold the shards of one definition and all of them; or one shard.</param>
    /// <param name="shuffleWindow">Row groups shuffled together, at least 1. Default: <see cref="DefaultShuffleWindow"/>.</param>
    /// <param name="verify">Whether bytes are checked. Default: true.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>The view.</returns>
    /// <exception cref="DirectoryNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">No shards, some missing, one changed or damaged, of another schema or definition.</exception>
    public static ShardDataView Open(
        string path,
        int shuffleWindow = DefaultShuffleWindow,
        bool verify = true,
        CancellationToken cancellationToken = default
    )
    {
        if (File.Exists(path))
            return Open([path], shuffleWindow, verify, cancellationToken);
        if (!Directory.Exists(path))
            throw DatasetErrors.NoDirectory(path);
        var files = Directory.GetFiles(path, "*.parquet");
        if (files.Length == 0)
            throw DatasetErrors.NoShards(path);
        Array.Sort(files, StringComparer.Ordinal);
        return Open(files, shuffleWindow, ShardFile.OpenRead, verify, cancellationToken, shards => RequireWholeSplit(path, shards));
    }

    /// <summary>Opens the shards given, in the order given; some shards of a split are enough.</summary>
    /// <param name="files">Paths of shards of one definition.</param>
    /// <param name="shuffleWindow">Row groups shuffled together, at least 1. Default: <see cref="DefaultShuffleWindow"/>.</param>
    /// <param name="verify">Whether bytes are checked, as for a folder. Default: true.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentException">No files given, or the window is below 1.</exception>
    /// <exception cref="FileNotFoundException">A shard is missing.</exception>
    /// <exception cref="InvalidDataException">A shard is changed or damaged, of another schema, or of another definition.</exception>
    public static ShardDataView Open(
        IEnumerable<string> files,
        int shuffleWindow = DefaultShuffleWindow,
        bool verify = true,
        CancellationToken cancellationToken = default
    ) => Open(files, shuffleWindow, ShardFile.OpenRead, verify, cancellationToken);

    /// <summary>A view of some rows, in row order; row groups without any are never read.</summary>
    /// <param name="rows">Numbers of rows of this view's shards, from 0, each at most once.</param>
    /// <returns>The view; its row ids are those of this view.</returns>
    /// <exception cref="ArgumentException">No rows, a repeated row, or a row that is not in this view.</exception>
    public ShardDataView Subset(IEnumerable<long> rows)
    {
        long[] wanted = [.. rows];
        Array.Sort(wanted);
        if (wanted.Length == 0)
            throw new ArgumentException("found no rows; expected at least one", nameof(rows));
        List<ShardRowGroup> groups = [];
        var next = 0;
        foreach (var group in RowGroups)
        {
            List<int> selected = [];
            foreach (var row in group.Selected)
            {
                if (next < wanted.Length && wanted[next] == group.FirstRow + row)
                {
                    selected.Add(row);
                    next++;
                }
            }
            if (selected.Count > 0)
                groups.Add(new ShardRowGroup(group.File, group.Group, group.FirstRow, group.Rows, selected));
        }
        if (next < wanted.Length)
            throw new ArgumentException(
                $"found row {wanted[next]} repeated or outside the view; expected some of its {Rows} rows, each once",
                nameof(rows)
            );
        return new ShardDataView(_files, groups, _shuffleWindow, _open, _verify, Notes);
    }

    /// <summary>A reader of whole row groups, for one thread.</summary>
    /// <returns>The reader; dispose it to close the shards.</returns>
    public RowGroupReader OpenReader() => new(_files, _open, _verify);

    /// <inheritdoc/>
    public long? GetRowCount() => Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new ShardCursor(this, columnsNeeded, WindowPlan(rand), 0, 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var windows = WindowPlan(rand);
        var cursors = Math.Clamp(n, 1, windows.Count);
        return [.. Enumerable.Range(0, cursors).Select(cursor => new ShardCursor(this, columns, windows, cursor, cursors))];
    }

    internal static ShardDataView Open(
        IEnumerable<string> files,
        int shuffleWindow,
        Func<string, Stream> open,
        bool verify = true,
        CancellationToken cancellationToken = default,
        Action<IReadOnlyList<ShardFile>>? check = null
    )
    {
        if (shuffleWindow < 1)
            throw new ArgumentOutOfRangeException(
                nameof(shuffleWindow),
                $"found a window of {shuffleWindow} row groups; expected at least 1"
            );
        ShardFile[] opened = [.. files.Select(file => ShardFile.Open(file, open))];
        if (opened.Length == 0)
            throw new ArgumentException("found no shards; expected at least one", nameof(files));
        var first = opened[0];
        List<ShardRowGroup> groups = [];
        long row = 0;
        for (var file = 0; file < opened.Length; file++)
        {
            var shard = opened[file];
            if (shard.Metadata.DefinitionHash != first.Metadata.DefinitionHash)
                throw DatasetErrors.OtherDefinition(shard.Path, shard.Metadata.DefinitionHash, first.Path, first.Metadata.DefinitionHash);
            if (!shard.Schema.Equals(first.Schema))
                throw DatasetErrors.OtherSchema(shard.Path, shard.Schema, first.Path, first.Schema);
            // Of millions of shards, what is the same in all of them is kept once.
            opened[file] = shard with
            {
                Schema = first.Schema,
                Metadata = shard.Metadata with
                {
                    DefinitionHash = first.Metadata.DefinitionHash,
                    Split = shard.Metadata.Split == first.Metadata.Split ? first.Metadata.Split : shard.Metadata.Split,
                    SamplingRate =
                        shard.Metadata.SamplingRate == first.Metadata.SamplingRate
                            ? first.Metadata.SamplingRate
                            : shard.Metadata.SamplingRate,
                },
            };
            for (var group = 0; group < shard.GroupRows.Count; group++)
            {
                groups.Add(new ShardRowGroup(file, group, row, shard.GroupRows[group], selected: null));
                row += shard.GroupRows[group];
            }
        }
        check?.Invoke(opened);
        return new ShardDataView(opened, groups, shuffleWindow, open, verify, Verify(opened, open, verify, cancellationToken));
    }

    /// <summary>
    /// Checks the bytes of shards, as many at once as there are cores, and says of which there is nothing to check them by.
    /// </summary>
    private static string[] Verify(ShardFile[] shards, Func<string, Stream> open, bool verify, CancellationToken cancellationToken)
    {
        var notes = new string?[shards.Length];
        var faults = new InvalidDataException?[shards.Length];
        Parallel.For(
            0,
            shards.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            shard =>
            {
                try
                {
                    var path = shards[shard].Path;
                    if (verify && ShardChecksum.Verify(path, cancellationToken))
                        return;
                    ShardFile.CheckPages(path, open);
                    notes[shard] = verify ? DatasetErrors.NoChecksum(path) : null;
                }
                catch (InvalidDataException e)
                {
                    faults[shard] = e;
                }
            }
        );
        return Array.Find(faults, fault => fault is not null) is { } first ? throw first : [.. notes.OfType<string>()];
    }

    private ShardWindows WindowPlan(Random? random) => new(RowGroups, _shuffleWindow, random);

    /// <summary>Every shard once, none of a split cut otherwise: names tell, as files of one folder cannot share one.</summary>
    private static void RequireWholeSplit(string directory, IReadOnlyList<ShardFile> files)
    {
        var any = files[0].Metadata;
        foreach (var file in files)
        {
            var expected = ShardName.Of(file.Metadata.ShardIndex, any.ShardCount);
            if (Path.GetFileName(file.Path) != expected)
                throw DatasetErrors.ShardUnderOtherName(file.Path, file.Metadata, expected);
        }
        HashSet<int> present = [.. files.Select(file => file.Metadata.ShardIndex)];
        var missing = Enumerable.Range(0, any.ShardCount).FirstOrDefault(shard => !present.Contains(shard), -1);
        if (missing >= 0)
            throw DatasetErrors.MissingShards(directory, present.Count, any.ShardCount, ShardName.Of(missing, any.ShardCount));
    }

    internal static DataViewSchema ToViewSchema(ShardSchema schema)
    {
        DataViewSchema.Builder builder = new();
        for (var column = 0; column < schema.Columns.Count; column++)
        {
            builder.AddColumn(
                schema.Columns[column],
                schema.KindOf(column) switch
                {
                    ColumnKind.Trace => new VectorDataViewType(NumberDataViewType.Single, schema.Samples),
                    ColumnKind.Label => NumberDataViewType.Double,
                    ColumnKind.Id => NumberDataViewType.Int64,
                    _ => NumberDataViewType.Int32,
                }
            );
        }
        return builder.ToSchema();
    }
}
