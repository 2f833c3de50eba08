using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// A lazy view with a model's parameters beside the source's columns. Its cursor runs two cursors over the source, which is
/// repeatable: one reads traces ahead, a batch at a time; the other follows row by row with the remaining columns.
/// </summary>
internal sealed class ScoredView : IDataView
{
    private readonly IDataView _source;
    private readonly OnnxModel _model;
    private readonly DataViewSchema.Column[] _inputs;

    public ScoredView(IDataView source, OnnxModel model)
    {
        _source = source;
        _model = model;
        _inputs = [.. model.Info.Inputs.Select(Input)];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        builder.AddColumn(
            OnnxModelInfo.ParametersColumn,
            new VectorDataViewType(NumberDataViewType.Single, model.Info.Parameters.Count),
            OnnxExportableTransformer.SlotNames([.. model.Info.Parameters.Select(p => p.Name)]));
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => _source.CanShuffle;

    private int ParametersIndex => _source.Schema.Count;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var needed = columns.Where(c => c.Index < ParametersIndex).Select(c => _source.Schema[c.Index]);
        if (columns.All(c => c.Index != ParametersIndex))
            return new Cursor(this, _source.GetRowCursor(needed, rand), null, columns);

        // Both cursors must shuffle alike: each gets a generator of its own with one seed.
        var seed = rand?.Next();
        Random? Generator() => seed is { } value ? new Random(value) : null;
        var row = _source.GetRowCursor(needed, Generator());
        return new Cursor(this, row, new BatchScorer(_model, _source.GetRowCursor(_inputs, Generator()), _inputs), columns);
    }

    // One cursor: OnnxRuntime spreads each batch over the cores already.
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private DataViewSchema.Column Input(string name)
    {
        if (_source.Schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentException($"column '{name}': the model reads it, found {string.Join(", ", _source.Schema.Select(c => $"'{c.Name}'"))}");
        if (column.Type is not VectorDataViewType vector || vector.ItemType != NumberDataViewType.Single || (vector.Size != 0 && vector.Size != _model.Info.Samples))
            throw new ArgumentException($"column '{name}': expected a vector of {_model.Info.Samples} Single, found {column.Type}");
        return column;
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ScoredView _view;
        private readonly DataViewRowCursor _row;
        private readonly BatchScorer? _scores;
        private readonly HashSet<int> _active;

        public Cursor(ScoredView view, DataViewRowCursor row, BatchScorer? scores, DataViewSchema.Column[] columns)
        {
            _view = view;
            _row = row;
            _scores = scores;
            _active = [.. columns.Select(c => c.Index)];
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _row.Position;

        public override long Batch => _row.Batch;

        public override bool MoveNext()
        {
            if (!_row.MoveNext())
                return false;
            _scores?.MoveNext();
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _row.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active.Contains(column.Index))
                throw new ArgumentException($"column '{column.Name}': not among the cursor's active columns", nameof(column));
            if (column.Index != _view.ParametersIndex)
                return _row.GetGetter<TValue>(_row.Schema[column.Index]);
            ValueGetter<VBuffer<float>> getter = _scores!.Get;
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"column '{column.Name}': expected a getter of VBuffer<Single>, found {typeof(TValue).Name}");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _row.Dispose();
                _scores?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
