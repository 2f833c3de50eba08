using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.StockLoader;

/// <summary>Rows given as numbers, typed by the schema that a model was saved with.</summary>
internal sealed class RowsView(DataViewSchema schema, Dictionary<string, float[][]> given) : IDataView
{
    public DataViewSchema Schema => schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => given.Values.First().Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(schema, given, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, Dictionary<string, float[][]> given, IEnumerable<DataViewSchema.Column> active)
        : DataViewRowCursor
    {
        private readonly HashSet<int> _active = [.. active.Select(c => c.Index)];
        private int _row = -1;

        public override DataViewSchema Schema => schema;

        public override long Position => _row;

        public override long Batch => 0;

        public override bool MoveNext() => ++_row < given.Values.First().Length;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var rows = given[column.Name];
            Delegate getter = column.Type switch
            {
                VectorDataViewType => (ValueGetter<VBuffer<float>>)(
                    (ref VBuffer<float> value) => value = new VBuffer<float>(rows[_row].Length, rows[_row])
                ),
                NumberDataViewType type when type == NumberDataViewType.Double => (ValueGetter<double>)(
                    (ref double value) => value = rows[_row][0]
                ),
                _ => (ValueGetter<float>)((ref float value) => value = rows[_row][0]),
            };
            return (ValueGetter<TValue>)getter;
        }
    }
}
