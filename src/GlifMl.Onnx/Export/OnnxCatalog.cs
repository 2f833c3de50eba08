using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>Fitted chains as files, among ML.NET's model operations.</summary>
public static class OnnxCatalog
{
    /// <summary>Writes a fitted chain as one ONNX model. Steps that only make labels leave nothing in it.</summary>
    /// <param name="catalog">ML.NET's model operations.</param>
    /// <param name="model">The fitted chain, or one step.</param>
    /// <param name="inputSchema">The columns that it was fitted on.</param>
    /// <param name="path">The file, there whole or not at all.</param>
    /// <param name="outputs">The columns to give out. Default: <c>Parameters</c>.</param>
    /// <exception cref="InvalidOperationException">An output depends on a step that cannot be written as ONNX; it is named.</exception>
    /// <exception cref="ArgumentException">A column is missing or has a type that ONNX cannot take.</exception>
    public static void ExportToOnnx(
        this ModelOperationsCatalog catalog,
        ITransformer model,
        DataViewSchema inputSchema,
        string path,
        params IReadOnlyList<string> outputs
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        OutputFile.WriteAllBytes(path, OnnxExporter.Export(Steps(model), inputSchema, Or(outputs)));
    }

    /// <summary>
    /// Saves a fitted chain as an ML.NET model that scores rows without labels: of the columns that it was fitted on it needs those alone
    /// that the outputs depend on. It loads in any process that has Microsoft.ML.OnnxTransformer, and its vectors name their slots.
    /// </summary>
    /// <param name="catalog">ML.NET's model operations.</param>
    /// <param name="model">The fitted chain, or one step.</param>
    /// <param name="inputSchema">The columns that it was fitted on.</param>
    /// <param name="path">The file (.zip), there whole or not at all.</param>
    /// <param name="outputs">The columns to give out. Default: <c>Parameters</c>.</param>
    /// <exception cref="InvalidOperationException">As of <see cref="ExportToOnnx"/>.</exception>
    /// <exception cref="ArgumentException">As of <see cref="ExportToOnnx"/>.</exception>
    public static void SaveForScoring(
        this ModelOperationsCatalog catalog,
        ITransformer model,
        DataViewSchema inputSchema,
        string path,
        params IReadOnlyList<string> outputs
    )
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var (steps, names, schema) = (Steps(model), Or(outputs), model.GetOutputSchema(inputSchema));
        var slots = names
            .Select(name => (name, Slots: StockModel.SlotNamesOf(schema[name])))
            .Where(output => output.Slots.Length > 0)
            .ToDictionary(output => output.name, output => output.Slots);
        StockModel.Save(
            path,
            OnnxExporter.Export(steps, inputSchema, names),
            inputSchema,
            OnnxExporter.InputsOf(steps, inputSchema, names),
            names,
            slots
        );
    }

    private static IEnumerable<ITransformer> Steps(ITransformer model) => model as IEnumerable<ITransformer> ?? [model];

    private static IReadOnlyList<string> Or(IReadOnlyList<string> outputs) => outputs.Count > 0 ? outputs : [TraceColumns.Parameters];
}
