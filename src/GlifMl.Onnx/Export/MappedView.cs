using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>A lazy view of a source with the columns that a row mapper adds.</summary>
internal sealed class MappedView : IDataView
{
    private readonly IDataView _source;
    private readonly OutputMapper _mapper;

    public MappedView(IDataView source, OutputMapper mapper)
    {
        _source = source;
        _mapper = mapper;
    }

    public DataViewSchema Schema => _mapper.OutputSchema;

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return new Cursor(_source.GetRowCursor(_mapper.GetDependencies(columns), rand), _mapper, columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        var sources = _source.GetRowCursorSet(_mapper.GetDependencies(columns), n, rand);
        return Array.ConvertAll(sources, DataViewRowCursor (source) => new Cursor(source, _mapper, columns));
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _source;
        private readonly DataViewRow _row;

        public Cursor(DataViewRowCursor source, OutputMapper mapper, DataViewSchema.Column[] columns)
        {
            _source = source;
            _row = mapper.GetRow(source, columns);
        }

        public override DataViewSchema Schema => _row.Schema;

        public override long Position => _source.Position;

        public override long Batch => _source.Batch;

        public override bool MoveNext() => _source.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _source.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _row.Dispose();
            base.Dispose(disposing);
        }
    }
}
