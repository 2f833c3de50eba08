using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Datasets;

/// <summary>Visits every <c>stride</c>-th window of a plan, from <c>first</c>: alone all of them, in a set its share.</summary>
internal sealed class ShardCursor : DataViewRowCursor
{
    private readonly ShardDataView _view;
    private readonly ShardWindows _windows;
    private readonly int _stride;
    private readonly RowGroupReader _reader;
    private readonly TraceBatch?[] _batches;
    private readonly string[] _columns;
    private readonly bool[] _active;
    private (int Group, int Row)[] _order = [];
    private int _next;
    private int _window;
    private long _position = -1;

    public ShardCursor(ShardDataView view, IEnumerable<DataViewSchema.Column> columns, ShardWindows windows, int first, int stride)
    {
        _view = view;
        _windows = windows;
        _stride = stride;
        _window = first - stride;
        _reader = view.OpenReader();
        _batches = new TraceBatch?[windows.GroupsPerWindow];
        _active = new bool[view.Schema.Count];
        foreach (var column in columns)
            _active[column.Index] = true;
        _columns = [.. view.Schema.Where(column => _active[column.Index]).Select(column => column.Name)];
    }

    public override long Position => _position;

    /// <summary>The window: ML.NET merges a cursor set back into one sequence by it.</summary>
    public override long Batch => Math.Max(_window, 0);

    public override DataViewSchema Schema => _view.Schema;

    private TraceBatch CurrentBatch => _batches[Current.Group]!;

    private (int Group, int Row) Current =>
        _position >= 0
            ? _order[_next - 1]
            : throw new InvalidOperationException(
                "found the cursor before or after the rows; expected it on one: call MoveNext first, and stop when it returns false"
            );

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override bool MoveNext()
    {
        if (_window >= _windows.Count)
            return false;
        if (_next == _order.Length)
        {
            _window += _stride;
            if (_window >= _windows.Count)
            {
                // ML.NET's contract: past the end, the position is -1 again.
                _position = -1;
                return false;
            }
            LoadWindow();
        }
        _next++;
        _position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId id) =>
        {
            (var group, var row) = Current;
            id = new DataViewRowId((ulong)(_windows.Groups(_window)[group].FirstRow + row), 0);
        };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var index = column.Index;
        if (!_active[index])
            throw new ArgumentException(
                $"found column {column.Name} inactive; expected it to be asked for when the cursor is made",
                nameof(column)
            );
        return Getter(_view.ShardSchema, index, () => CurrentBatch, () => Current.Row) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"found a getter of {typeof(TValue).Name} for column {column.Name}; expected {column.Type}"
            );
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _reader.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reads a column of the batch and the row that a cursor is at.</summary>
    public static Delegate Getter(ShardSchema schema, int column, Func<TraceBatch> batch, Func<int> row) =>
        schema.KindOf(column) switch
        {
            ColumnKind.Trace => (ValueGetter<VBuffer<float>>)(
                (ref VBuffer<float> value) =>
                {
                    ReadOnlySpan<float> trace = batch().Trace(column, row());
                    var editor = VBufferEditor.Create(ref value, trace.Length);
                    trace.CopyTo(editor.Values);
                    value = editor.Commit();
                }
            ),
            ColumnKind.Label => (ValueGetter<double>)((ref double value) => value = batch().LabelColumn(column).Span[row()]),
            ColumnKind.Id => (ValueGetter<long>)((ref long value) => value = batch().IdColumn(column).Span[row()]),
            _ => (ValueGetter<int>)((ref int value) => value = batch().CountColumn().Span[row()]),
        };

    private void LoadWindow()
    {
        var groups = _windows.Groups(_window);
        for (var group = 0; group < groups.Length; group++)
        {
            _batches[group] ??= new TraceBatch(_view.ShardSchema, _windows.MaxGroupRows, _columns);
            _reader.Read(groups[group], _batches[group]!);
        }
        _order = _windows.Rows(_window);
        _next = 0;
    }
}

/// <summary>
/// The order in which a cursor, or a set of cursors together, visits the rows: windows of row groups, and in each the rows. Unshuffled, a
/// window is one row group. Shuffled, the row groups are permuted, and the rows of each window among themselves.
/// </summary>
internal sealed class ShardWindows
{
    private readonly ShardRowGroup[] _groups;
    private readonly int _size;
    private readonly int? _seed;

    public ShardWindows(IEnumerable<ShardRowGroup> groups, int shuffleWindow, Random? random)
    {
        _groups = [.. groups];
        _size = random is null ? 1 : shuffleWindow;
        // One draw whatever the number of rows: the caller's generator moves on equally for every view.
        _seed = random?.Next();
        if (_seed is { } seed)
            new Random(seed).Shuffle(_groups);
    }

    public int Count => (_groups.Length + _size - 1) / _size;

    /// <summary>Most row groups in a window.</summary>
    public int GroupsPerWindow => Math.Min(_size, _groups.Length);

    /// <summary>Most rows in a row group.</summary>
    public int MaxGroupRows => _groups.Max(group => group.Rows);

    public ReadOnlySpan<ShardRowGroup> Groups(int window) =>
        _groups.AsSpan(window * _size, Math.Min(_size, _groups.Length - window * _size));

    /// <summary>The rows of a window in visiting order, as (group within the window, row within the group).</summary>
    public (int Group, int Row)[] Rows(int window)
    {
        List<(int Group, int Row)> rows = [];
        var groups = Groups(window);
        for (var group = 0; group < groups.Length; group++)
        {
            foreach (var row in groups[group].Selected)
                rows.Add((group, row));
        }
        (int Group, int Row)[] order = [.. rows];
        // Each window has its own generator, so that the order does not depend on which cursor of a set visits it.
        if (_seed is { } seed)
            new Random(unchecked(seed + (window + 1) * (int)0x9E3779B9)).Shuffle(order);
        return order;
    }
}
