using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Datasets;

/// <summary>
/// Traces of a source as an ML.NET data view with the columns that their shards would have: made as a cursor comes to them, kept nowhere,
/// and the same each time. Cursors of a set make theirs at the same time. Where no column needs them, no traces are made.
/// </summary>
public sealed class TraceSourceView : IDataView
{
    // As many as a row group has; a multiple of the simulator's lanes.
    private const int WindowRows = 32;

    private readonly ITraceSource _source;
    private readonly long _first;

    /// <summary>Some traces of a source.</summary>
    /// <param name="source">The source; it is asked for traces beyond its <see cref="ITraceSource.Count"/> where they are named.</param>
    /// <param name="first">Number of the first trace, which is its row's id.</param>
    /// <param name="count">How many traces, at least 1.</param>
    public TraceSourceView(ITraceSource source, long first, long count)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (_source, _first, Rows) = (source, first, count);
        Schema = ShardDataView.ToViewSchema(source.Schema);
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Rows of the view.</summary>
    public long Rows { get; }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    private long Windows => (Rows + WindowRows - 1) / WindowRows;

    /// <inheritdoc/>
    public long? GetRowCount() => Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded, 0, 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var cursors = (int)Math.Clamp(n, 1, Windows);
        return [.. Enumerable.Range(0, cursors).Select(cursor => new Cursor(this, columns, cursor, cursors))];
    }

    /// <summary>Visits every <c>stride</c>-th window of rows from the first one on.</summary>
    private sealed class Cursor : DataViewRowCursor
    {
        private readonly TraceSourceView _view;
        private readonly bool[] _active;
        private readonly int _stride;
        private readonly TraceBatch _batch;
        private long _window;
        private int _row = -1;
        private long _position = -1;

        public Cursor(TraceSourceView view, IEnumerable<DataViewSchema.Column> columns, int first, int stride)
        {
            (_view, _stride, _window) = (view, stride, first - stride);
            _active = new bool[view.Schema.Count];
            foreach (var column in columns)
                _active[column.Index] = true;
            var schema = view._source.Schema;
            // What is known before a trace is simulated costs nothing and is always there; the rest only where it is asked for.
            bool IsMade(int column) => schema.KindOf(column) is ColumnKind.Trace or ColumnKind.Count;
            var isMade = Enumerable.Range(0, _active.Length).Any(column => _active[column] && IsMade(column));
            _batch = new TraceBatch(
                schema,
                (int)Math.Min(WindowRows, view.Rows),
                schema.Columns.Where((_, column) => isMade || !IsMade(column))
            )
            {
                Rows = 0,
            };
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        /// <summary>The window: ML.NET merges a cursor set back into one sequence by it.</summary>
        public override long Batch => Math.Max(_window, 0);

        private int Current =>
            _position >= 0
                ? _row
                : throw new InvalidOperationException(
                    "found the cursor before or after the rows; expected it on one: call MoveNext first, and stop when it returns false"
                );

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override bool MoveNext()
        {
            if (_row + 1 >= _batch.Rows && !NextWindow())
            {
                _position = -1;
                return false;
            }

            _row++;
            _position++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId id) => id = new DataViewRowId((ulong)(_view._first + (_window * WindowRows) + Current), 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var index = column.Index;
            if (!_active[index])
                throw new ArgumentException(
                    $"found column {column.Name} inactive; expected it to be asked for when the cursor is made",
                    nameof(column)
                );
            return ShardCursor.Getter(_view._source.Schema, index, () => _batch, () => Current) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"found a getter of {typeof(TValue).Name} for column {column.Name}; expected {column.Type}"
                );
        }

        private bool NextWindow()
        {
            if (_window >= _view.Windows)
                return false;
            _window += _stride;
            (_batch.Rows, _row) = (0, -1);
            if (_window >= _view.Windows)
                return false;
            var first = _window * WindowRows;
            _batch.Rows = (int)Math.Min(WindowRows, _view.Rows - first);
            for (var row = 0; row < _batch.Rows; row++)
                _batch.TraceIds[row] = _view._first + first + row;
            _view._source.Fill(_view._first + first, _batch);
            return true;
        }
    }
}
