using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>Between which labels each target's lie, whatever is measured: an annotation of the label column.</summary>
internal static class LabelEnds
{
    private const string LeastKind = "LabelLeast",
        MostKind = "LabelMost";

    /// <summary>Adds the annotation.</summary>
    /// <param name="builder">The column's annotations.</param>
    /// <param name="ends">One a target, in label units; null where nothing is known.</param>
    public static void Add(DataViewSchema.Annotations.Builder builder, IReadOnlyList<(double Least, double Most)?> ends)
    {
        NumberAnnotation.Add(builder, LeastKind, [.. ends.Select(e => e?.Least ?? double.NaN)]);
        NumberAnnotation.Add(builder, MostKind, [.. ends.Select(e => e?.Most ?? double.NaN)]);
    }

    /// <summary>Reads the annotation; null where nothing is known of any target.</summary>
    /// <param name="label">The label column.</param>
    public static IReadOnlyList<(double Least, double Most)?>? Of(DataViewSchema.Column label) =>
        NumberAnnotation
            .Of(label, LeastKind)
            ?.Zip(NumberAnnotation.Of(label, MostKind)!, (a, b) => double.IsNaN(a) ? ((double, double)?)null : (a, b))
            .ToArray();
}
