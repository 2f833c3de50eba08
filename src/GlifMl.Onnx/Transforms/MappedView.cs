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

/// <summary>Adds the output column of an exportable transformer to rows of one schema.</summary>
internal sealed class OutputMapper : IRowToRowMapper
{
    private readonly DataViewSchema.Column[] _inputs;
    private readonly int _outputSize;
    private readonly Func<RowMap> _createMap;

    /// <summary>Creates a mapper.</summary>
    /// <param name="transformer">Names the columns.</param>
    /// <param name="inputSchema">The rows' schema.</param>
    /// <param name="createMap">Creates the computation for one cursor.</param>
    public OutputMapper(OnnxExportableTransformer transformer, DataViewSchema inputSchema, Func<RowMap> createMap)
    {
        InputSchema = inputSchema;
        OutputSchema = transformer.GetOutputSchema(inputSchema);
        _inputs = [.. transformer.InputColumns.Select(name => inputSchema[name])];
        _outputSize = transformer.OutputType.Size;
        _createMap = createMap;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    private int OutputIndex => InputSchema.Count;

    /// <summary>A view that computes many rows at a time, where the input columns have fixed sizes; otherwise row by row.</summary>
    /// <param name="source">Rows of the mapper's input schema.</param>
    /// <param name="batchRows">How many rows are computed together.</param>
    /// <param name="createBatchMap">Creates the computation for one cursor.</param>
    public IDataView View(IDataView source, int batchRows, Func<BatchMap> createBatchMap)
    {
        int[] sizes = [.. _inputs.Select(c => c.Type is VectorDataViewType vector ? vector.Size : 1)];
        return sizes.Contains(0)
            ? new MappedView(source, this)
            : new BatchedView(source, OutputSchema, new BatchPlan(_inputs, sizes, _outputSize, batchRows, createBatchMap));
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = new HashSet<int>();
        foreach (var column in dependingColumns)
        {
            if (column.Index == OutputIndex)
                needed.UnionWith(_inputs.Select(c => c.Index));
            else
                needed.Add(column.Index);
        }

        return InputSchema.Where(c => needed.Contains(c.Index));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        if (!ReferenceEquals(input.Schema, InputSchema))
            throw new ArgumentException("row: found another schema; expected the one that the mapper was made for", nameof(input));
        return new MappedRow(this, input, activeColumns);
    }

    private ValueGetter<VBuffer<float>> OutputGetter(DataViewRow source)
    {
        var map = _createMap();
        var inputs = new RowInputs(source, _inputs);
        return (ref VBuffer<float> value) =>
        {
            inputs.Read();
            var editor = VBufferEditor.Create(ref value, _outputSize);
            map(inputs, editor.Values);
            value = editor.Commit();
        };
    }

    private sealed class MappedRow : DataViewRow
    {
        private readonly OutputMapper _mapper;
        private readonly DataViewRow _source;
        private readonly HashSet<int> _active;

        public MappedRow(OutputMapper mapper, DataViewRow source, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            _mapper = mapper;
            _source = source;
            _active = [.. activeColumns.Select(c => c.Index)];
        }

        public override DataViewSchema Schema => _mapper.OutputSchema;

        public override long Position => _source.Position;

        public override long Batch => _source.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _source.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active.Contains(column.Index))
                throw new ArgumentException(
                    $"column '{column.Name}': found inactive; expected one of the cursor's active columns",
                    nameof(column)
                );
            if (column.Index != _mapper.OutputIndex)
                return _source.GetGetter<TValue>(_source.Schema[column.Index]);
            return _mapper.OutputGetter(_source) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"column '{column.Name}': found a getter of {typeof(TValue).Name}; expected one of VBuffer<Single>"
                );
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _source.Dispose();
            base.Dispose(disposing);
        }
    }
}
