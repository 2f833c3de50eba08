using Microsoft.ML;

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
        if (NumberAnnotation.Of(column, Kind) is not { } all)
            return null;
        var targets = (all.Length - 1) / 2;
        return new MixtureColumn(new MixtureShape((int)all[0], targets), all[1..(targets + 1)], all[(targets + 1)..]);
    }

    /// <summary>The annotation.</summary>
    public DataViewSchema.Annotations ToAnnotations()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        NumberAnnotation.Add(builder, Kind, [Shape.Components, .. Means, .. Deviations]);
        return builder.ToAnnotations();
    }
}
