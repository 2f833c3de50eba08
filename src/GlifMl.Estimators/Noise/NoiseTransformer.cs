using GlifMl.Simulation;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>
/// Recording noise on the voltage of each row: white, normal, then rounded to the converter's step. What a row gets follows from the seed and
/// the row's id, so a row is the same in every pass, in any order. NaN samples stay NaN.
/// </summary>
public sealed class NoiseTransformer : ITransformer
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
            throw new ArgumentException($"column '{_column}': expected {_shape.Type}, found {column.Type}", nameof(inputSchema));
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
        _options.AddTo(trace, new SeededRandom((ulong)(_options.Seed ?? 1), RandomStreams.NoiseStep, row), _shape.Channels);
}
