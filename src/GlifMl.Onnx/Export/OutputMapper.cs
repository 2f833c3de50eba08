using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Adds the output column of an exportable transformer to rows of one schema.</summary>
internal sealed class OutputMapper : IRowToRowMapper
{
    private readonly OnnxExportableTransformer _transformer;
    private readonly DataViewSchema.Column[] _inputs;

    public OutputMapper(OnnxExportableTransformer transformer, DataViewSchema inputSchema)
    {
        _transformer = transformer;
        InputSchema = inputSchema;
        OutputSchema = transformer.GetOutputSchema(inputSchema);
        _inputs = [.. transformer.InputColumns.Select(name => inputSchema[name])];
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    private int OutputIndex => InputSchema.Count;

    /// <summary>A view of rows of the mapper's input schema; by batches where the transformer can and the columns have fixed sizes.</summary>
    public IDataView View(IDataView source)
    {
        int[] sizes = [.. _inputs.Select(c => c.Type is VectorDataViewType vector ? vector.Size : 1)];
        if (_transformer.BatchRows == 1 || sizes.Contains(0))
            return new MappedView(source, this);
        return new BatchedView(
            source,
            OutputSchema,
            new BatchPlan(_inputs, sizes, _transformer.OutputType.Size, _transformer.BatchRows, _transformer.CreateBatchMap)
        );
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
            throw new ArgumentException("row: expected one of the schema that the mapper was made for", nameof(input));
        return new MappedRow(this, input, activeColumns);
    }

    private ValueGetter<VBuffer<float>> OutputGetter(DataViewRow source)
    {
        var map = _transformer.CreateMap();
        var inputs = new RowInputs(source, _inputs);
        var size = _transformer.OutputType.Size;
        return (ref VBuffer<float> value) =>
        {
            inputs.Read();
            var editor = VBufferEditor.Create(ref value, size);
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
                throw new ArgumentException($"column '{column.Name}': not among the cursor's active columns", nameof(column));
            if (column.Index != _mapper.OutputIndex)
                return _source.GetGetter<TValue>(_source.Schema[column.Index]);
            return _mapper.OutputGetter(_source) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"column '{column.Name}': expected a getter of VBuffer<Single>, found {typeof(TValue).Name}"
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
