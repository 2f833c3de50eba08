using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// A fitted ML.NET transformer from one or more columns of numbers to one vector of Single, which can also write itself as
/// ONNX nodes. A class that derives from it gives the computation twice: <see cref="CreateMap"/> in process,
/// <see cref="Build"/> as nodes. Saved with <c>ml.Model.Save</c> it becomes a stock OnnxTransformer, so that a process
/// without this library can load it. Views of it are lazy, repeatable and safe to read from several threads.
/// </summary>
public abstract class OnnxExportableTransformer : ITransformer, IOnnxExportable
{
    /// <summary>ML.NET's name for the annotation that names the slots of a vector.</summary>
    internal const string SlotNamesKind = "SlotNames";

    private readonly DataViewType[] _inputTypes;

    /// <summary>Creates a transformer for columns of the types they have in a schema.</summary>
    /// <param name="fittedOn">The schema that the transformer was fitted on.</param>
    /// <param name="inputColumns">The columns it reads: Single or Double scalars, or vectors of Single.</param>
    /// <param name="outputColumn">The column it adds; a name other than the inputs', because ONNX gives each value one name.</param>
    /// <param name="outputType">The type of the column it adds: a vector of Single of known size.</param>
    /// <param name="outputAnnotations">Annotations of the added column, for example <see cref="SlotNames"/>; none by default.</param>
    /// <exception cref="ArgumentException">
    /// A column is missing or has a type that cannot be exported, or the names or the output type do not fit.
    /// </exception>
    protected OnnxExportableTransformer(
        DataViewSchema fittedOn,
        IReadOnlyList<string> inputColumns,
        string outputColumn,
        VectorDataViewType outputType,
        DataViewSchema.Annotations? outputAnnotations = null
    )
    {
        if (inputColumns.Count == 0)
            throw new ArgumentException("transformer: found no input column; expected at least one", nameof(inputColumns));
        if (inputColumns.Contains(outputColumn))
            throw new ArgumentException(
                $"output column '{outputColumn}': found an input column of this name; expected another name",
                nameof(outputColumn)
            );
        if (outputType.ItemType != NumberDataViewType.Single || outputType.Size == 0)
            throw new ArgumentException(
                $"output column '{outputColumn}': found {outputType}; expected a vector of Single of known size",
                nameof(outputType)
            );
        InputColumns = [.. inputColumns];
        OutputColumn = outputColumn;
        OutputType = outputType;
        OutputAnnotations = outputAnnotations;
        _inputTypes = [.. inputColumns.Select(name => Find(fittedOn, name).Type)];
    }

    /// <summary>The columns that the transformer reads.</summary>
    public IReadOnlyList<string> InputColumns { get; }

    /// <summary>The column that the transformer adds.</summary>
    public string OutputColumn { get; }

    /// <summary>The type of the column that the transformer adds.</summary>
    public VectorDataViewType OutputType { get; }

    /// <summary>The annotations of the column that the transformer adds.</summary>
    public DataViewSchema.Annotations? OutputAnnotations { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <summary>Annotations that name the slots of a vector column.</summary>
    /// <param name="names">One name a slot.</param>
    /// <returns>Annotations with these slot names.</returns>
    public static DataViewSchema.Annotations SlotNames(IReadOnlyList<string> names)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        var texts = names.Select(n => n.AsMemory()).ToArray();
        builder.Add(
            SlotNamesKind,
            new VectorDataViewType(TextDataViewType.Instance, texts.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => new VBuffer<ReadOnlyMemory<char>>(texts.Length, texts).CopyTo(ref value)
        );
        return builder.ToAnnotations();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column is missing or has another type than the one fitted on.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        for (var i = 0; i < InputColumns.Count; i++)
        {
            var found = Find(inputSchema, InputColumns[i]).Type;
            if (!found.Equals(_inputTypes[i]))
                throw new ArgumentException($"column '{InputColumns[i]}': found {found}; expected {_inputTypes[i]}", nameof(inputSchema));
        }

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(OutputColumn, OutputType, OutputAnnotations);
        return builder.ToSchema();
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Mapper(inputSchema);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        var mapper = Mapper(input.Schema);
        return BatchRows == 1 ? new MappedView(input, mapper) : mapper.View(input, BatchRows, CreateBatchMap);
    }

    /// <inheritdoc/>
    public void Export(OnnxExport context)
    {
        var output = Build(context.Graph, [.. InputColumns.Select(context.Get)]);
        if (output.Size != OutputType.Size)
            throw new InvalidOperationException(
                $"step {GetType().Name}: found {output.Size} numbers a row in its graph; "
                    + $"expected {OutputType.Size}, as its column '{OutputColumn}' has"
            );
        context.Bind(OutputColumn, output);
    }

    /// <inheritdoc/>
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        using var stock = StockOnnxTransformer.Create(this);
        stock.Save(ctx);
    }

    /// <summary>Creates the computation for one cursor. Called once a cursor, possibly from several threads at a time.</summary>
    /// <returns>The computation, with buffers of its own.</returns>
    protected abstract RowMap CreateMap();

    /// <summary>
    /// How many rows a view computes together. Default: 1, row by row with <see cref="CreateMap"/>. A transformer that is
    /// faster on many rows gives a greater number and overrides <see cref="CreateBatchMap"/>; its views then have one cursor
    /// and read their input columns ahead.
    /// </summary>
    protected virtual int BatchRows => 1;

    /// <summary>Creates the computation of many rows for one cursor. Called only where <see cref="BatchRows"/> is above 1.</summary>
    /// <returns>The computation, with buffers of its own.</returns>
    protected virtual BatchMap CreateBatchMap() =>
        throw new NotSupportedException(
            $"step {GetType().Name}: found batches of {BatchRows} rows without a computation; expected CreateBatchMap to give one"
        );

    /// <summary>Writes the same computation as nodes.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="inputs">The input columns, as values of Single, in the order of <see cref="InputColumns"/>.</param>
    /// <returns>The output column, with as many numbers a row as <see cref="OutputType"/> says.</returns>
    protected abstract OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs);

    /// <summary>The type of an input column when the transformer was fitted.</summary>
    internal DataViewType InputType(int index) => _inputTypes[index];

    private OutputMapper Mapper(DataViewSchema inputSchema) => new(this, inputSchema, CreateMap);

    private static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentException(
                $"columns: found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}'",
                nameof(schema)
            );
        _ = ColumnTypes.ElementType(column);
        return column;
    }
}
