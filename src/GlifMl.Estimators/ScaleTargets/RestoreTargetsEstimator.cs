using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Turns scores in label units back into targets in SI units, by the scales that the label column carries.</summary>
public sealed class RestoreTargetsEstimator : OnnxExportableEstimator<RestoreTargetsTransformer>
{
    private readonly string _score,
        _label,
        _output;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="score">The scores, in label units.</param>
    /// <param name="label">The label column of a scale-targets step.</param>
    /// <param name="output">The vector of targets it adds, SI units, slots named by target.</param>
    public RestoreTargetsEstimator(MLContext ml, string score, string label, string output)
        : base(ml, [score], output) => (_score, _label, _output) = (score, label, output);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The label column carries no scales.</exception>
    public override RestoreTargetsTransformer Fit(IDataView input) =>
        new(input.Schema, _score, _output, LabelScaling.Of(input.Schema[_label]));
}
