using GlifMl.Onnx;
using GlifMl.Onnx.Protos;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>What a step of ML.NET's own is as nodes, or why it is not.</summary>
/// <param name="Inputs">The columns that it reads.</param>
/// <param name="Columns">The columns that are written, of those that it adds.</param>
/// <param name="Nodes">Their nodes.</param>
/// <param name="Reason">Why the others are not, as the end of a sentence.</param>
internal sealed record StockConversion(
    IReadOnlyList<DataViewSchema.Column> Inputs,
    IReadOnlyList<DataViewSchema.Column> Columns,
    StockNodes Nodes,
    string Reason
)
{
    /// <summary>Converts a step and compares it with its nodes.</summary>
    /// <param name="step">The step.</param>
    /// <param name="before">The columns that it is given.</param>
    /// <param name="added">The columns that it adds.</param>
    /// <param name="sample">Rows to compare on beside random ones; null for none.</param>
    public static StockConversion Of(
        ITransformer step,
        DataViewSchema before,
        IReadOnlyList<DataViewSchema.Column> added,
        IDataView? sample
    )
    {
        if (!step.IsRowToRowMapper)
            return Refused(" because its columns depend on other rows");
        DataViewSchema.Column[] inputs = [.. step.GetRowToRowMapper(before).GetDependencies(added)];
        if (inputs.FirstOrDefault(c => !NumberColumn.Handles(c.Type)) is { Name: not null } other)
            return Refused($" because it reads {other.Type} in column '{other.Name}'");

        // Of a model only its scores are written: the nearest cluster, say, is numbered from 0 in a graph and from 1 in ML.NET.
        var isModel = step is ISingleFeaturePredictionTransformer<object>;
        DataViewSchema.Column[] columns = [.. added.Where(c => NumberColumn.Handles(c.Type) && (!isModel || c.Name == TraceColumns.Score))];
        var conversion = OwnStockNodes.Of(step, before, columns) is { } own
            ? new(inputs, columns, own, "")
            : Converted(step, inputs, columns);
        return conversion.Columns.Count == 0 ? conversion : Compared(step, conversion, sample);
    }

    /// <summary>The conversion as it agrees with the step, mended if need be.</summary>
    private static StockConversion Compared(ITransformer step, StockConversion conversion, IDataView? sample)
    {
        string? difference = null;
        foreach (var candidate in StockMends.Of(step, conversion))
        {
            if (new StockComparison(step, candidate, sample).Difference() is not { } found)
                return candidate;
            difference ??= found;
        }

        return Refused($" because {difference}");
    }

    /// <summary>Adds the nodes to an export and binds the columns.</summary>
    /// <returns>The columns that are not written, each with why.</returns>
    public IReadOnlyList<(DataViewSchema.Column Column, string Reason)> Export(
        OnnxExport export,
        IReadOnlyList<DataViewSchema.Column> added
    )
    {
        if (Columns.Count > 0)
        {
            var inputs = Inputs.ToDictionary(c => c.Name, c => Flat(export.Graph, export.Get(c.Name), NumberColumn.Size(c.Type)));
            foreach (var (column, value) in Columns.Zip(Nodes(export.Graph, inputs)))
                export.Bind(column.Name, value);
        }

        return [.. added.Where(c => Columns.All(written => written.Name != c.Name)).Select(c => (c, Reason))];
    }

    private static StockConversion Refused(string reason) => new([], [], (_, _) => [], reason);

    private static StockConversion Converted(ITransformer step, DataViewSchema.Column[] inputs, DataViewSchema.Column[] columns)
    {
        byte[] model;
        try
        {
            using var stream = new MemoryStream();
            new MLContext(1).Model.ConvertToOnnx(step, new ProbeView(inputs, []), stream);
            model = stream.ToArray();
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or ArgumentException or NotImplementedException)
        {
            return Refused(" because Microsoft.ML.OnnxConverter has no nodes for it");
        }

        static string Output(DataViewSchema.Column column) => column.Name + ".output";
        var given = ModelProto.Parser.ParseFrom(model).Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        DataViewSchema.Column[] written = [.. columns.Where(c => given.Contains(Output(c)))];
        return new(
            inputs,
            written,
            (graph, values) =>
                new OnnxGraft(graph, ModelProto.Parser.ParseFrom(model).Graph, values).Add([
                    .. written.Select(c => (Output(c), NumberColumn.Size(c.Type))),
                ]),
            " because Microsoft.ML.OnnxConverter has no nodes for this column"
        );
    }

    private static OnnxValue Flat(OnnxGraph graph, OnnxValue value, int size) =>
        value.Dims.Count == 1 ? value : new OnnxValue(graph.Node("Reshape", [value.Name, graph.Integers(0, size)]), size);
}

/// <summary>Adds the nodes of a step to a graph.</summary>
/// <param name="graph">The graph.</param>
/// <param name="inputs">The columns that the step reads, by name: <c>[N, size]</c> of Single.</param>
/// <returns>The columns that it adds, in their order: the same.</returns>
internal delegate IReadOnlyList<OnnxValue> StockNodes(OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> inputs);
