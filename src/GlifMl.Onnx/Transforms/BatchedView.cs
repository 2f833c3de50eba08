using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// A lazy view of a source with one more column, computed many rows at a time. Its cursor runs two cursors over the source,
/// which is repeatable: one reads the inputs ahead, a batch at a time; the other follows row by row with the other columns.
/// </summary>
internal sealed class BatchedView : IDataView
{
    private readonly IDataView _source;
    private readonly BatchPlan _plan;

    /// <summary>Creates a view.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="schema">The source's columns and, as the last, the computed one.</param>
    /// <param name="plan">How the column is computed.</param>
    public BatchedView(IDataView source, DataViewSchema schema, BatchPlan plan)
    {
        _source = source;
        _plan = plan;
        Schema = schema;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => _source.CanShuffle;

    private int OutputIndex => Schema.Count - 1;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(c => c.Index)];
        var needed = _source.Schema.Where(c => active.Contains(c.Index));
        if (!active.Contains(OutputIndex))
            return new Cursor(this, _source.GetRowCursor(needed, rand), null, active);

        // Both cursors must shuffle alike: each gets a generator of its own with one seed.
        var seed = rand?.Next();
        Random? Generator() => seed is { } value ? new Random(value) : null;
        var row = _source.GetRowCursor(needed, Generator());
        return new Cursor(this, row, new BatchReader(_source.GetRowCursor(_plan.Inputs, Generator()), _plan), active);
    }

    // One cursor: how a source shares its rows out among several is not repeatable, and a batch uses the cores already.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly BatchedView _view;
        private readonly DataViewRowCursor _row;
        private readonly BatchReader? _outputs;
        private readonly HashSet<int> _active;

        public Cursor(BatchedView view, DataViewRowCursor row, BatchReader? outputs, HashSet<int> active)
        {
            _view = view;
            _row = row;
            _outputs = outputs;
            _active = active;
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _row.Position;

        public override long Batch => _row.Batch;

        public override bool MoveNext()
        {
            if (!_row.MoveNext())
                return false;
            _outputs?.MoveNext();
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _row.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active.Contains(column.Index))
                throw new ArgumentException(
                    $"column '{column.Name}': found inactive; expected one of the cursor's active columns",
                    nameof(column)
                );
            if (column.Index != _view.OutputIndex)
                return _row.GetGetter<TValue>(_row.Schema[column.Index]);
            ValueGetter<VBuffer<float>> getter = _outputs!.Get;
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"column '{column.Name}': found a getter of {typeof(TValue).Name}; expected one of VBuffer<Single>"
                );
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _row.Dispose();
                _outputs?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
