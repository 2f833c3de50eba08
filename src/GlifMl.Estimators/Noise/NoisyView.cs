using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>A lazy view whose last column is another column with something done to it, by the row's id.</summary>
internal sealed class NoisyView(IDataView source, DataViewSchema schema, DataViewSchema.Column clean, NoisyView.ChangeRow change)
    : IDataView
{
    public delegate void ChangeRow(long row, Span<float> trace);

    public DataViewSchema Schema => schema;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(c => c.Index)];
        return new Cursor(this, source.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(c => c.Index)];
        return Array.ConvertAll(
            source.GetRowCursorSet(Needed(active), n, rand),
            DataViewRowCursor (cursor) => new Cursor(this, cursor, active)
        );
    }

    private int NoisyIndex => schema.Count - 1;

    private DataViewSchema Clean => source.Schema;

    private IEnumerable<DataViewSchema.Column> Needed(HashSet<int> active) =>
        Clean.Where(c => active.Contains(c.Index) || (c.Index == clean.Index && active.Contains(NoisyIndex)));

    private ValueGetter<VBuffer<float>> NoisyGetter(DataViewRow row)
    {
        var getTrace = row.GetGetter<VBuffer<float>>(Clean[clean.Index]);
        var getId = row.GetIdGetter();
        VBuffer<float> trace = default;
        DataViewRowId id = default;
        return (ref VBuffer<float> value) =>
        {
            getTrace(ref trace);
            getId(ref id);
            var editor = VBufferEditor.Create(ref value, trace.Length);
            trace.CopyTo(editor.Values);
            change((long)(id.Low ^ id.High), editor.Values);
            value = editor.Commit();
        };
    }

    private sealed class Cursor(NoisyView view, DataViewRowCursor row, HashSet<int> active) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => row.Position;

        public override long Batch => row.Batch;

        public override bool MoveNext() => row.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active.Contains(column.Index))
                throw new ArgumentException($"column '{column.Name}': not among the cursor's active columns", nameof(column));
            if (column.Index != view.NoisyIndex)
                return row.GetGetter<TValue>(row.Schema[column.Index]);
            return view.NoisyGetter(row) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"column '{column.Name}': expected a getter of VBuffer<Single>, found {typeof(TValue).Name}"
                );
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                row.Dispose();
            base.Dispose(disposing);
        }
    }
}
