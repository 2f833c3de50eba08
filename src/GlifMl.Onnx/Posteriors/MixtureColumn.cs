using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>What a score column of mixtures says of itself, as an annotation.</summary>
/// <param name="Shape">How its rows lie.</param>
/// <param name="Means">Means of the training labels.</param>
/// <param name="Deviations">Their standard deviations.</param>
internal sealed record MixtureColumn(MixtureShape Shape, double[] Means, double[] Deviations)
{
    private const string Kind = "GlifMl.Mixture";

    /// <summary>Reads the annotation of a column; null for a column of plain scores.</summary>
    public static MixtureColumn? Of(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Kind) is null)
            return null;
        VBuffer<double> values = default;
        column.Annotations.GetValue(Kind, ref values);
        double[] all = [.. values.DenseValues()];
        var targets = (all.Length - 1) / 2;
        return new MixtureColumn(new MixtureShape((int)all[0], targets), all[1..(targets + 1)], all[(targets + 1)..]);
    }

    /// <summary>The annotation.</summary>
    public DataViewSchema.Annotations ToAnnotations()
    {
        double[] values = [Shape.Components, .. Means, .. Deviations];
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(
            Kind,
            new VectorDataViewType(NumberDataViewType.Double, values.Length),
            (ref VBuffer<double> destination) => new VBuffer<double>(values.Length, values).CopyTo(ref destination)
        );
        return builder.ToAnnotations();
    }
}
