using GlifMl.Estimators;
using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl;

/// <summary>The mean label has no options.</summary>
public sealed record MeanOptions;

/// <summary>Answers the mean training label whatever the trace: chance, which a model must beat to have learnt anything.</summary>
internal sealed class MeanTrainer : OnnxExportableEstimator<MultiOutputTransformer>
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

/// <summary>The same scores for every row.</summary>
internal sealed record ConstantModel(float[] Scores) : IMultiOutputModel
{
    public void Score(ReadOnlySpan<float> features, Span<float> scores) => Scores.CopyTo(scores);

    public string Add(OnnxGraph graph, string features)
    {
        // Only the features' number of rows is used; their values may be NaN.
        var rows = graph.Node("Slice", [graph.Node("Shape", [features]), graph.Integers(0), graph.Integers(1)]);
        var shape = graph.Node("Concat", [rows, graph.Integers(Scores.Length)], ("axis", 0L));
        return graph.Node("Expand", [graph.Constant(Scores, 1, Scores.Length), shape]);
    }
}
