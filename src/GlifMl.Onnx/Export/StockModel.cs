using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Writes an ONNX model as an ML.NET model file.</summary>
public static class StockModel
{
    /// <summary>
    /// Writes a model file (.zip) that <c>ml.Model.Load</c> reads in any process that references Microsoft.ML, Microsoft.ML.OnnxTransformer
    /// and Microsoft.ML.OnnxRuntime. The file is there whole or not at all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="onnx">The ONNX model.</param>
    /// <param name="schema">Holds the input columns with their types; other columns are left out.</param>
    /// <param name="inputs">The model's inputs, which are columns of the same names.</param>
    /// <param name="outputs">The model's outputs, which become columns of the same names.</param>
    /// <param name="slots">Names of the slots of outputs, by output. Default null: none are named.</param>
    /// <exception cref="ArgumentException">An input is not a column of the schema.</exception>
    public static void Save(
        string path,
        byte[] onnx,
        DataViewSchema schema,
        IReadOnlyList<string> inputs,
        IReadOnlyList<string> outputs,
        IReadOnlyDictionary<string, string[]>? slots = null
    )
    {
        if (slots is { Count: > 0 })
            onnx = OnnxFile.WithSlotNames(onnx, slots);
        var builder = new DataViewSchema.Builder();
        foreach (var name in inputs)
        {
            builder.AddColumn(
                name,
                (
                    schema.GetColumnOrNull(name)
                    ?? throw new ArgumentException(
                        $"columns: found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}', an input of the model",
                        nameof(inputs)
                    )
                ).Type
            );
        }

        var needed = builder.ToSchema();
        using var stock = StockOnnxTransformer.Create(needed, onnx, [.. inputs], [.. outputs]);
        OutputFile.Write(path, stream => stock.Save(needed, stream));
    }

    /// <summary>The names of a vector column's slots; none where it has none.</summary>
    internal static string[] SlotNamesOf(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(OnnxExportableTransformer.SlotNamesKind) is null)
            return [];
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(OnnxExportableTransformer.SlotNamesKind, ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }
}

/// <summary>
/// A stock OnnxTransformer that computes what one exportable transformer computes. ML.NET lets no outside class register a
/// loader, but a model file with this in its place loads wherever Microsoft.ML.OnnxTransformer is.
/// </summary>
internal sealed class StockOnnxTransformer : IDisposable
{
    private readonly TemporaryFolder _temporary;
    private readonly ITransformer _transformer;

    private StockOnnxTransformer(TemporaryFolder temporary, ITransformer transformer)
    {
        _temporary = temporary;
        _transformer = transformer;
    }

    public string Folder => _temporary.Path;

    public static StockOnnxTransformer Create(OnnxExportableTransformer source)
    {
        var schema = InputSchema(source);
        var export = new OnnxExport(schema);
        export.Graph.Reserve(source.OutputColumn);
        source.Export(export);
        export.Graph.Output(source.OutputColumn, export.Get(source.OutputColumn).Name, OnnxDim.Batch, source.OutputType.Size);
        if (SlotNamesOf(source) is { Length: > 0 } names)
            export.Graph.SlotNames(source.OutputColumn, names);

        return Create(schema, export.Graph.ToBytes(), [.. export.Graph.InputNames], [source.OutputColumn]);
    }

    /// <summary>A stock transformer for a model's bytes.</summary>
    public static StockOnnxTransformer Create(DataViewSchema schema, byte[] onnx, string[] inputs, string[] outputs)
    {
        // OnnxTransformer writes the bytes to its context's temporary folder and reads them again when it is saved.
        var temporary = TemporaryFolder.Create("onnx");
        try
        {
            var ml = new MLContext { TempFilePath = temporary.Path };
            using var model = new MemoryStream(onnx);
            return new StockOnnxTransformer(temporary, ml.Transforms.ApplyOnnxModel(outputs, inputs, model).Fit(new SchemaView(schema)));
        }
        catch
        {
            temporary.Dispose();
            throw;
        }
    }

    /// <summary>Writes the transformer alone as an ML.NET model of these input columns.</summary>
    public void Save(DataViewSchema schema, Stream stream) => new MLContext().Model.Save(_transformer, schema, stream);

    public void Save(ModelSaveContext ctx) => ((ICanSaveModel)_transformer).Save(ctx);

    public void Dispose()
    {
        (_transformer as IDisposable)?.Dispose();
        _temporary.Dispose();
    }

    private static DataViewSchema InputSchema(OnnxExportableTransformer source)
    {
        var builder = new DataViewSchema.Builder();
        for (var i = 0; i < source.InputColumns.Count; i++)
            builder.AddColumn(source.InputColumns[i], source.InputType(i));
        return builder.ToSchema();
    }

    private static string[] SlotNamesOf(OnnxExportableTransformer source)
    {
        if (source.OutputAnnotations?.Schema.GetColumnOrNull(OnnxExportableTransformer.SlotNamesKind) is null)
            return [];
        VBuffer<ReadOnlyMemory<char>> names = default;
        source.OutputAnnotations.GetValue(OnnxExportableTransformer.SlotNamesKind, ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    /// <summary>A schema without rows: fitting an OnnxTransformer looks at nothing else.</summary>
    private sealed class SchemaView(DataViewSchema schema) : IDataView
    {
        public DataViewSchema Schema => schema;

        public bool CanShuffle => false;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new NotSupportedException("a schema has no rows");

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new NotSupportedException("a schema has no rows");
    }
}
