using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>Writes fitted steps that are ML.NET's own.</summary>
internal interface IStockStepWriter
{
    /// <summary>Adds a step's nodes to the graph, and binds the columns that it adds.</summary>
    /// <param name="step">The step.</param>
    /// <param name="before">The columns that it is given.</param>
    /// <param name="added">The columns that it adds.</param>
    /// <param name="export">The graph.</param>
    /// <returns>The columns that could not be written, each with why, as the end of a sentence.</returns>
    IReadOnlyList<(DataViewSchema.Column Column, string Reason)> Export(
        ITransformer step,
        DataViewSchema before,
        IReadOnlyList<DataViewSchema.Column> added,
        OnnxExport export
    );
}

/// <summary>
/// The writer of ML.NET's own steps. It is found by its name: it needs Microsoft.ML.OnnxConverter and the packages of the trainers, which
/// whoever only scores should not have to carry.
/// </summary>
internal static class StockSteps
{
    private const string Home = "GlifMl.Estimators";

    private static readonly Lazy<IStockStepWriter?> Writer = new(() =>
        Type.GetType($"{Home}.StockStepWriter, {Home}", throwOnError: false) is { } type
            ? (IStockStepWriter)Activator.CreateInstance(type, nonPublic: true)!
            : null
    );

    /// <summary>As <see cref="IStockStepWriter.Export"/>.</summary>
    public static IReadOnlyList<(DataViewSchema.Column Column, string Reason)> Export(
        ITransformer step,
        DataViewSchema before,
        IReadOnlyList<DataViewSchema.Column> added,
        OnnxExport export
    ) => Writer.Value?.Export(step, before, added, export) ?? [.. added.Select(c => (c, $" without {Home}, which is not referenced"))];
}
