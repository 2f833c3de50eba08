using System.ComponentModel;
using System.Globalization;
using GlifMl.Onnx;
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
        ScaleKind = "TargetScale",
        LeastKind = "TargetLeast",
        MostKind = "TargetMost";

    /// <summary>Between which values each target lies, whatever is measured; null, for all or for one: nothing is known.</summary>
    public IReadOnlyList<ParameterLimits?>? Limits { get; init; }

    /// <summary>Fits the map.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="targets">The columns, scalars in SI units, by Allen key.</param>
    /// <param name="scales">How each is scaled.</param>
    /// <param name="step">The step, for messages.</param>
    /// <exception cref="InvalidDataException">
    /// One that takes a logarithm is not positive, or a standardised one does not vary.
    /// </exception>
    public static LabelScaling Fit(IDataView input, string[] targets, TargetScale[] scales, string step)
    {
        var scaling = new LabelScaling(
            targets,
            Array.ConvertAll(scales, s => s.Kind == TargetScaleKind.Log),
            new double[targets.Length],
            Array.ConvertAll(scales, s => s.Factor)
        );
        if (Array.Exists(scales, s => s.Kind != TargetScaleKind.Fixed))
            scaling.Standardise(input, scales, step);
        return scaling;
    }

    /// <summary>Writes the map from SI units to label units as nodes: one value of all of them, [N, targets].</summary>
    public string ToLabels(OnnxGraph graph, IEnumerable<OnnxValue> columns)
    {
        var values = columns.Select((value, k) => Log[k] ? graph.Node("Log", [value.Name]) : value.Name);
        var joined = graph.Node("Concat", values, ("axis", 1L));
        var centred = graph.Node("Sub", [joined, graph.Constant(Array.ConvertAll(Offset, o => (float)o), Targets.Length)]);
        return graph.Node("Mul", [centred, graph.Constant(Array.ConvertAll(Scale, s => (float)s), Targets.Length)]);
    }

    public float ToLabel(int target, float value) => (float)Label(target, value);

    public float ToTarget(int target, float label)
    {
        var value = (label / Scale[target]) + Offset[target];
        return (float)(Log[target] ? Math.Exp(value) : value);
    }

    public DataViewSchema.Annotations ToAnnotations()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        var names = OnnxExportableTransformer.SlotNames(Targets);
        builder.Add(names, _ => true);
        NumberAnnotation.Add(builder, LogKind, Array.ConvertAll(Log, l => l ? 1.0 : 0));
        NumberAnnotation.Add(builder, OffsetKind, Offset);
        NumberAnnotation.Add(builder, ScaleKind, Scale);
        if (Limits is { } limits)
        {
            NumberAnnotation.Add(builder, LeastKind, [.. limits.Select(l => l?.Least ?? double.NaN)]);
            NumberAnnotation.Add(builder, MostKind, [.. limits.Select(l => l?.Most ?? double.NaN)]);
            LabelEnds.Add(builder, [.. limits.Select((l, k) => l is null ? ((double, double)?)null : Ends(k, l))]);
        }

        return builder.ToAnnotations();
    }

    /// <exception cref="ArgumentException">The column was not made by scale-targets.</exception>
    public static LabelScaling Of(DataViewSchema.Column label)
    {
        if (NumberAnnotation.Of(label, ScaleKind) is not { } scale)
            throw new ArgumentException(
                $"column '{label.Name}': found no target scales; expected the label column of a scale-targets step",
                nameof(label)
            );
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetSlotNames(ref names);
        return new LabelScaling(
            names.DenseValues().Select(n => n.ToString()).ToArray(),
            Array.ConvertAll(NumberAnnotation.Of(label, LogKind)!, l => l != 0),
            NumberAnnotation.Of(label, OffsetKind)!,
            scale
        )
        {
            Limits = NumberAnnotation
                .Of(label, LeastKind)
                ?.Zip(NumberAnnotation.Of(label, MostKind)!, (a, b) => double.IsNaN(a) ? null : new ParameterLimits(a, b))
                .ToArray(),
        };
    }

    private double Label(int target, double value) => ((Log[target] ? Math.Log(value) : value) - Offset[target]) * Scale[target];

    private (double Least, double Most) Ends(int target, ParameterLimits limits)
    {
        var (a, b) = (Label(target, limits.Least), Label(target, limits.Most));
        return (Math.Min(a, b), Math.Max(a, b));
    }

    private void Standardise(IDataView input, TargetScale[] scales, string step)
    {
        var columns = Array.ConvertAll(Targets, t => input.Schema[t]);
        var (mean, squares) = (new double[Targets.Length], new double[Targets.Length]);
        long count = 0;
        using var cursor = input.GetRowCursor(columns);
        var getters = Array.ConvertAll(columns, c => Getter(cursor, c));
        while (cursor.MoveNext())
        {
            count++;
            for (var k = 0; k < Targets.Length; k++)
            {
                var value = getters[k]();
                if (Log[k] && value <= 0)
                    throw new InvalidDataException(
                        Invariant.Text(
                            $"{step}: found {Targets[k]} {value} in row {cursor.Position}; expected a positive number, "
                                + $"because its scale is log"
                        )
                    );
                // Welford 1962: one pass, without cancellation.
                var (v, before) = (Log[k] ? Math.Log(value) : value, mean[k]);
                mean[k] += (v - before) / count;
                squares[k] += (v - before) * (v - mean[k]);
            }
        }

        for (var k = 0; k < Targets.Length; k++)
        {
            if (scales[k].Kind == TargetScaleKind.Fixed)
                continue;
            if (!(squares[k] > 0))
                throw new InvalidDataException(
                    $"{step}: found {Targets[k]} the same in all {count} rows; expected it to vary, because its scale is {scales[k]}"
                );
            (Offset[k], Scale[k]) = (mean[k], 1 / Math.Sqrt(squares[k] / count));
        }
    }

    private static Func<double> Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            var single = cursor.GetGetter<float>(column);
            return () =>
            {
                float v = 0;
                single(ref v);
                return v;
            };
        }

        var getter = cursor.GetGetter<double>(column);
        return () =>
        {
            double v = 0;
            getter(ref v);
            return v;
        };
    }
}
