using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Numbers that a column says of itself.</summary>
internal static class NumberAnnotation
{
    /// <summary>Adds them.</summary>
    /// <param name="builder">The column's annotations.</param>
    /// <param name="kind">Their name.</param>
    /// <param name="values">The numbers.</param>
    public static void Add(DataViewSchema.Annotations.Builder builder, string kind, double[] values) =>
        builder.Add(
            kind,
            new VectorDataViewType(NumberDataViewType.Double, values.Length),
            (ref VBuffer<double> destination) => new VBuffer<double>(values.Length, values).CopyTo(ref destination)
        );

    /// <summary>Reads them; null where there are none.</summary>
    /// <param name="column">The column.</param>
    /// <param name="kind">Their name.</param>
    public static double[]? Of(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is null)
            return null;
        VBuffer<double> values = default;
        column.Annotations.GetValue(kind, ref values);
        return [.. values.DenseValues()];
    }
}
