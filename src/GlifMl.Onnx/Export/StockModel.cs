using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>Writes an ONNX model as an ML.NET model file.</summary>
public static class StockModel
{
    /// <summary>
    /// Writes a model file (.zip) that <c>ml.Model.Load</c> reads in any process that references Microsoft.ML, Microsoft.ML.OnnxTransformer and
    /// Microsoft.ML.OnnxRuntime. The file is there whole or not at all.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="onnx">The ONNX model.</param>
    /// <param name="schema">Holds the input columns with their types; other columns are left out.</param>
    /// <param name="inputs">The model's inputs, which are columns of the same names.</param>
    /// <param name="outputs">The model's outputs, which become columns of the same names.</param>
    /// <exception cref="ArgumentException">An input is not a column of the schema.</exception>
    public static void Save(string path, byte[] onnx, DataViewSchema schema, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var name in inputs)
        {
            builder.AddColumn(
                name,
                (
                    schema.GetColumnOrNull(name)
                    ?? throw new ArgumentException(
                        $"input '{name}': expected a column, found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}",
                        nameof(inputs)
                    )
                ).Type
            );
        }

        var needed = builder.ToSchema();
        using var stock = StockOnnxTransformer.Create(needed, onnx, [.. inputs], [.. outputs]);
        AtomicFile.Write(path, stream => stock.Save(needed, stream));
    }
}
