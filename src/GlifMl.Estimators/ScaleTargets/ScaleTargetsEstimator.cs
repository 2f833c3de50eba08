using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>Gathers the target columns into one label vector in the units a network learns well in.</summary>
public sealed class ScaleTargetsEstimator : OnnxExportableEstimator<ScaleTargetsTransformer>
{
    private readonly string[] _targets;
    private readonly string _label;
    private readonly ScaleTargetsOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="targets">The target columns, scalars in SI units, by Allen key.</param>
    /// <param name="label">The label vector it adds.</param>
    /// <param name="options">How each target is scaled.</param>
    public ScaleTargetsEstimator(MLContext ml, IReadOnlyList<string> targets, string label, ScaleTargetsOptions options)
        : base(ml, targets, label) => (_targets, _label, _options) = ([.. targets], label, options);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">A target that takes a logarithm is not positive, or a standardised one does not vary.</exception>
    public override ScaleTargetsTransformer Fit(IDataView input)
    {
        var scales = Array.ConvertAll(_targets, _options.Of);
        var scaling = new LabelScaling(
            _targets,
            Array.ConvertAll(scales, s => s.Kind == TargetScaleKind.Log),
            new double[_targets.Length],
            Array.ConvertAll(scales, s => s.Factor)
        );
        if (Array.Exists(scales, s => s.Kind != TargetScaleKind.Fixed))
            Standardise(input, scales, scaling);
        return new ScaleTargetsTransformer(input.Schema, _label, scaling);
    }

    private void Standardise(IDataView input, TargetScale[] scales, LabelScaling scaling)
    {
        var columns = Array.ConvertAll(_targets, t => input.Schema[t]);
        var (mean, squares) = (new double[_targets.Length], new double[_targets.Length]);
        long count = 0;
        using var cursor = input.GetRowCursor(columns);
        var getters = Array.ConvertAll(columns, c => Getter(cursor, c));
        while (cursor.MoveNext())
        {
            count++;
            for (var k = 0; k < _targets.Length; k++)
            {
                var value = getters[k]();
                if (scaling.Log[k] && value <= 0)
                    throw new InvalidDataException(
                        $"scale-targets: {_targets[k]} is {value} in row {cursor.Position}; expected a positive number, because its scale is log"
                    );
                // Welford 1962: one pass, without cancellation.
                var (v, before) = (scaling.Log[k] ? Math.Log(value) : value, mean[k]);
                mean[k] += (v - before) / count;
                squares[k] += (v - before) * (v - mean[k]);
            }
        }

        for (var k = 0; k < _targets.Length; k++)
        {
            if (scales[k].Kind == TargetScaleKind.Fixed)
                continue;
            if (!(squares[k] > 0))
                throw new InvalidDataException(
                    $"scale-targets: {_targets[k]} is the same in all {count} rows; expected it to vary, because its scale is {scales[k]}"
                );
            (scaling.Offset[k], scaling.Scale[k]) = (mean[k], 1 / Math.Sqrt(squares[k] / count));
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
