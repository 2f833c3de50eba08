using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>Answers the mean training label whatever the trace: chance, which a model must beat to have learnt anything.</summary>
public sealed class MeanTrainer : OnnxExportableEstimator<MultiOutputTransformer>
{
    private readonly string _label,
        _features,
        _score;

    /// <summary>Creates the trainer.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="label">The label column: a vector of Single.</param>
    /// <param name="features">The trace column, which is only counted.</param>
    /// <param name="score">The score column it adds: as many values as the label.</param>
    public MeanTrainer(MLContext ml, string label, string features, string score)
        : base(ml, [features], score) => (_label, _features, _score) = (label, features, score);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">There are no rows.</exception>
    public override MultiOutputTransformer Fit(IDataView input)
    {
        var sums = new double[LabelledRows.Size(input, _label)];
        // The label stands for the features too: a trace is not worth reading to be counted.
        var rows = LabelledRows.Read(
            input,
            _label,
            _label,
            (_, _, label) =>
            {
                for (var k = 0; k < sums.Length; k++)
                    sums[k] += label[k];
            }
        );
        return new MultiOutputTransformer(
            input,
            _features,
            _score,
            sums.Length,
            new ConstantModel(Array.ConvertAll(sums, s => (float)(s / rows)))
        );
    }
}
