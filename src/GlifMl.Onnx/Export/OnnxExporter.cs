using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace GlifMl;

/// <summary>Writes a fitted ML.NET chain as one ONNX model.</summary>
public static class OnnxExporter
{
    // A value that stands for a column which cannot be exported; it may be read by steps that no output depends on.
    private const string Opaque = "GlifMl.NotExportable";

    /// <summary>
    /// Writes a chain as one model. Only what the outputs depend on is written: a step that serves training alone
    /// (say, the scaling of labels) leaves neither a node nor an input.
    /// </summary>
    /// <param name="chain">The fitted steps in order; chains inside it are opened.</param>
    /// <param name="inputSchema">The columns that the chain was fitted on.</param>
    /// <param name="outputs">The columns to give out; each becomes an output of the same name.</param>
    /// <param name="metadata">Entries of the model's metadata; none by default.</param>
    /// <returns>The bytes of an .onnx file, the same for the same chain.</returns>
    /// <exception cref="InvalidOperationException">
    /// An output depends on a step that cannot be written as ONNX; the step is named.
    /// </exception>
    /// <exception cref="ArgumentException">A column is missing or has a type that ONNX cannot take.</exception>
    public static byte[] Export(
        IEnumerable<ITransformer> chain,
        DataViewSchema inputSchema,
        IReadOnlyList<string> outputs,
        IEnumerable<KeyValuePair<string, string>>? metadata = null
    )
    {
        var graph = Build(chain, inputSchema, outputs);
        foreach (var (key, text) in metadata ?? [])
            graph.Metadata(key, text);
        return graph.ToBytes();
    }

    /// <summary>
    /// The input columns that the outputs depend on: the inputs of the model that <see cref="Export"/> writes, in its order.
    /// </summary>
    /// <param name="chain">The fitted steps in order.</param>
    /// <param name="inputSchema">The columns that the chain was fitted on.</param>
    /// <param name="outputs">The columns to give out.</param>
    /// <exception cref="InvalidOperationException">
    /// An output depends on a step that cannot be written as ONNX; the step is named.
    /// </exception>
    public static IReadOnlyList<string> InputsOf(
        IEnumerable<ITransformer> chain,
        DataViewSchema inputSchema,
        IReadOnlyList<string> outputs
    ) => Build(chain, inputSchema, outputs).InputNames;

    private static OnnxGraph Build(IEnumerable<ITransformer> chain, DataViewSchema inputSchema, IReadOnlyList<string> outputs)
    {
        var export = new OnnxExport(inputSchema);
        export.Graph.Reserve(outputs);
        var opaque = new List<(string Value, string Column, string Step)>();
        var schema = inputSchema;
        foreach (var step in Flatten(chain))
        {
            var after = step.GetOutputSchema(schema);
            foreach (var (column, reason) in Write(step, schema, after, export))
            {
                var value = export.Graph.Node(Opaque, []);
                export.Bind(
                    column.Name,
                    new OnnxValue(value, column.Type is VectorDataViewType v ? ColumnTypes.Length(column.Name, v) : 1)
                );
                opaque.Add((value, column.Name, $"{step.GetType().Name}, which cannot be written as ONNX{reason}"));
            }

            schema = after;
        }

        foreach (var output in outputs)
        {
            var value = export.Get(output);
            export.Graph.Output(output, value.Name, [OnnxDim.Batch, .. value.Dims]);
        }

        foreach (var (value, column, step) in opaque)
        {
            if (export.Graph.IsReached(value))
                throw new InvalidOperationException(
                    $"column '{column}': found step {step}; expected one that can, because an output depends on it"
                );
        }

        return export.Graph;
    }

    private static IEnumerable<ITransformer> Flatten(IEnumerable<ITransformer> chain) =>
        chain.SelectMany(step => step is IEnumerable<ITransformer> inner ? Flatten(inner) : [step]);

    /// <summary>Writes a step.</summary>
    /// <returns>The columns of its that cannot be written, each with why, as the end of a sentence.</returns>
    private static IEnumerable<(DataViewSchema.Column Column, string Reason)> Write(
        ITransformer step,
        DataViewSchema before,
        DataViewSchema after,
        OnnxExport export
    )
    {
        switch (step)
        {
            case IOnnxExportable exportable:
                exportable.Export(export);
                return [];
            case ColumnCopyingTransformer:
                // Its column pairs are not public, but a copied column depends on exactly one other.
                var mapper = step.GetRowToRowMapper(before);
                foreach (var column in Added(before, after))
                    export.Bind(column.Name, export.Get(mapper.GetDependencies([column]).Single().Name));
                return [];
            case ColumnSelectingTransformer:
                return [];
            default:
                DataViewSchema.Column[] added = [.. Added(before, after)];
                return StockSteps.Export(step, before, added, export);
        }
    }

    /// <summary>The columns that a step adds, or puts in the place of others of their names.</summary>
    internal static IEnumerable<DataViewSchema.Column> Added(DataViewSchema before, DataViewSchema after)
    {
        // ML.NET keeps what is replaced as a hidden column, and may move those about that it passes on.
        int Count(DataViewSchema schema, string name) => schema.Count(c => c.Name == name);
        return after.Where(c =>
            !c.IsHidden
            && (Count(after, c.Name) > Count(before, c.Name) || before.GetColumnOrNull(c.Name) is { } old && !old.Type.Equals(c.Type))
        );
    }
}
