using System.ComponentModel.DataAnnotations;
using GlifMl.Estimators;
using GlifMl.Onnx;
using GlifMl.Simulation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>What a recording adds to a simulated voltage.</summary>
public sealed record NoiseOptions : RecordingNoise, ISeededOptions
{
    /// <summary>Seed. Default null: the definition's.</summary>
    [Range(0, int.MaxValue)]
    public int? Seed { get; init; }

    /// <inheritdoc/>
    ISeededOptions ISeededOptions.WithSeed(int seed) => this with { Seed = Seed ?? seed };
}

/// <summary>
/// Adds recording noise to the voltage of training rows, in place: the noisy column takes the name of the clean one. It is no step of a
/// model, which is given recordings that are noisy already.
/// </summary>
internal sealed class NoiseEstimator : IEstimator<NoiseTransformer>
{
    private readonly string _column;
    private readonly NoiseOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="column">The trace: [samples] in mV, or [samples, channels] with the voltage in mV as the first channel.</param>
    /// <param name="options">How much noise.</param>
    public NoiseEstimator(string column, NoiseOptions options) => (_column, _options) = (column, options);

    /// <inheritdoc/>
    public NoiseTransformer Fit(IDataView input) => new(_column, TraceShape.Of(input.Schema[_column]), _options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        inputSchema.Any(c => c.Name == _column)
            ? inputSchema
            : throw new ArgumentException(
                $"columns: found {string.Join(", ", inputSchema.Select(c => $"'{c.Name}'"))}; expected '{_column}'",
                nameof(inputSchema)
            );
}

/// <summary>
/// Recording noise on the voltage of each row: white, normal, then rounded to the converter's step. What a row gets follows from the seed
/// and the row's id, so a row is the same in every pass, in any order. NaN samples stay NaN.
/// </summary>
internal sealed class NoiseTransformer : ITransformer
{
    private readonly string _column;
    private readonly TraceShape _shape;
    private readonly NoiseOptions _options;

    internal NoiseTransformer(string column, TraceShape shape, NoiseOptions options) =>
        (_column, _shape, _options) = (column, shape, options);

    /// <inheritdoc/>
    /// <remarks>False: what a row gets depends on its place among the rows, which a row by itself does not have.</remarks>
    public bool IsRowToRowMapper => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The column has another shape than the one fitted on.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        var column = inputSchema[_column];
        if (TraceShape.Of(column) != _shape)
            throw new ArgumentException($"column '{_column}': found {column.Type}; expected {_shape.Type}", nameof(inputSchema));
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(_column, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => new NoisyView(input, GetOutputSchema(input.Schema), input.Schema[_column], AddNoise);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        throw new InvalidOperationException("noise: maps views, not single rows");

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException("noise: serves training alone and is no part of a model");

    private void AddNoise(long row, Span<float> trace) =>
        _options.AddTo(
            trace,
            _shape.Channels > 1 ? trace[1..] : default,
            new SeededRandom((ulong)_options.SeedOrDefault, RandomStreams.NoiseStep, row),
            _shape.Channels
        );
}

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
                throw new ArgumentException(
                    $"column '{column.Name}': found inactive; expected one of the cursor's active columns",
                    nameof(column)
                );
            if (column.Index != view.NoisyIndex)
                return row.GetGetter<TValue>(row.Schema[column.Index]);
            return view.NoisyGetter(row) as ValueGetter<TValue>
                ?? throw new InvalidOperationException(
                    $"column '{column.Name}': found a getter of {typeof(TValue).Name}; expected one of VBuffer<Single>"
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
