using System.ComponentModel;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl;

/// <summary>How one target becomes a label: multiplied by a factor, standardised, or standardised in its logarithm.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Factor">The factor from SI to label units; used by <see cref="TargetScaleKind.Fixed"/> alone.</param>
[Description("a number other than 0, 'standardise' or 'log'")]
public readonly record struct TargetScale(TargetScaleKind Kind, double Factor = 1) : IParsable<TargetScale>
{
    /// <summary>Reads a number, <c>standardise</c> or <c>log</c>.</summary>
    /// <exception cref="FormatException">The text is none of them.</exception>
    public static TargetScale Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var scale)
            ? scale
            : throw new FormatException($"found '{s}'; expected a number other than 0, 'standardise' or 'log'");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out TargetScale result)
    {
        result = s switch
        {
            "standardise" => new(TargetScaleKind.Standardise),
            "log" => new(TargetScaleKind.Log),
            _ => PlainNumber.Real(s) is { } factor ? new(TargetScaleKind.Fixed, factor) : default,
        };
        return result.Kind != TargetScaleKind.Fixed || result.Factor != 0;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Kind switch
        {
            TargetScaleKind.Standardise => "standardise",
            TargetScaleKind.Log => "log",
            _ => Factor.ToString("R", CultureInfo.InvariantCulture),
        };
}

/// <summary>The ways a target becomes a label.</summary>
public enum TargetScaleKind
{
    /// <summary>Multiplied by a factor.</summary>
    Fixed,

    /// <summary>Less its training mean, over its training standard deviation.</summary>
    Standardise,

    /// <summary>Its natural logarithm, standardised. For positive targets that vary by ratio.</summary>
    Log,
}

/// <summary>
/// The fitted map between targets in SI units and label units: label = (f(target) - offset) x scale, f the identity or the natural
/// logarithm. It travels with the label column as annotations, so that <see cref="RestoreTargetsEstimator"/> can invert it.
/// </summary>
internal sealed record LabelScaling(string[] Targets, bool[] Log, double[] Offset, double[] Scale)
{
    private const string LogKind = "TargetLog",
        OffsetKind = "TargetOffset",
        ScaleKind = "TargetScale";

    public float ToLabel(int target, float value) => (float)(((Log[target] ? Math.Log(value) : value) - Offset[target]) * Scale[target]);

    public float ToTarget(int target, float label)
    {
        var value = (label / Scale[target]) + Offset[target];
        return (float)(Log[target] ? Math.Exp(value) : value);
    }

    public DataViewSchema.Annotations ToAnnotations()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        var names = Onnx.OnnxExportableTransformer.SlotNames(Targets);
        builder.Add(names, _ => true);
        Add(builder, LogKind, Array.ConvertAll(Log, l => l ? 1.0 : 0));
        Add(builder, OffsetKind, Offset);
        Add(builder, ScaleKind, Scale);
        return builder.ToAnnotations();
    }

    /// <exception cref="ArgumentException">The column was not made by scale-targets.</exception>
    public static LabelScaling Of(DataViewSchema.Column label)
    {
        if (label.Annotations.Schema.GetColumnOrNull(ScaleKind) is null)
            throw new ArgumentException(
                $"column '{label.Name}': found no target scales; expected the label column of a scale-targets step",
                nameof(label)
            );
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetSlotNames(ref names);
        return new LabelScaling(
            names.DenseValues().Select(n => n.ToString()).ToArray(),
            Array.ConvertAll(Get(label, LogKind), l => l != 0),
            Get(label, OffsetKind),
            Get(label, ScaleKind)
        );
    }

    private static void Add(DataViewSchema.Annotations.Builder builder, string kind, double[] values) =>
        builder.Add(
            kind,
            new VectorDataViewType(NumberDataViewType.Double, values.Length),
            (ref VBuffer<double> destination) => new VBuffer<double>(values.Length, values).CopyTo(ref destination)
        );

    private static double[] Get(DataViewSchema.Column column, string kind)
    {
        VBuffer<double> values = default;
        column.Annotations.GetValue(kind, ref values);
        return values.DenseValues().ToArray();
    }
}
