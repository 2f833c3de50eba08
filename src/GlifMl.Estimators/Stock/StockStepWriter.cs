using System.Runtime.CompilerServices;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace GlifMl.Estimators;

/// <summary>
/// Writes a fitted step of ML.NET's own: as nodes of ours where Microsoft.ML.OnnxConverter has none, or else as the converter does, alone
/// and never as part of a chain, because what it cannot convert it passes over. Either is compared with the step before it is used.
/// </summary>
internal sealed class StockStepWriter : IStockStepWriter
{
    // A step is compared once, when it is fitted; the exports that follow trust that.
    private static readonly ConditionalWeakTable<ITransformer, StockConversion> Known = [];

    /// <inheritdoc/>
    public IReadOnlyList<(DataViewSchema.Column Column, string Reason)> Export(
        ITransformer step,
        DataViewSchema before,
        IReadOnlyList<DataViewSchema.Column> added,
        OnnxExport export
    ) => Conversion(step, before, added, sample: null).Export(export, added);

    /// <summary>Compares a fitted step with its nodes, on rows that it was fitted on too.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fittedOn">What it was fitted on.</param>
    /// <returns>Why it cannot be written, as the end of a sentence; null where it can.</returns>
    public static string? Refusal(ITransformer step, IDataView fittedOn)
    {
        var schema = fittedOn.Schema;
        foreach (var one in Flatten(step))
        {
            var after = one.GetOutputSchema(schema);
            DataViewSchema.Column[] added = [.. OnnxExporter.Added(schema, after)];
            if (one is not (IOnnxExportable or ColumnCopyingTransformer or ColumnSelectingTransformer))
            {
                var conversion = Conversion(one, schema, added, fittedOn);
                if (conversion.Columns.Count == 0)
                    return conversion.Reason;
            }

            (fittedOn, schema) = (one.Transform(fittedOn), after);
        }

        return null;
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer step) =>
        step is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [step];

    private static StockConversion Conversion(
        ITransformer step,
        DataViewSchema before,
        IReadOnlyList<DataViewSchema.Column> added,
        IDataView? sample
    ) => Known.GetValue(step, _ => StockConversion.Of(step, before, added, sample));
}
