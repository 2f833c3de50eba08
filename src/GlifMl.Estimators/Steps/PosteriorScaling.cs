using GlifMl.Onnx;
using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>
/// How the mixtures of a score column become a posterior of targets in SI units: over the target, or its natural logarithm where the label
/// is one.
/// </summary>
internal sealed record PosteriorScaling(MixtureColumn Column, LabelScaling Scaling)
{
    private readonly double[] _inverse = Array.ConvertAll(Scaling.Scale, s => 1 / s);

    /// <summary>What the model says of its posterior.</summary>
    public PosteriorInfo Info =>
        new(
            Column.Shape.Components,
            Scaling.Log,
            [.. Column.Means.Select((mean, k) => (mean * _inverse[k]) + Scaling.Offset[k])],
            [.. Column.Deviations.Select((deviation, k) => deviation * Math.Abs(_inverse[k]))]
        )
        {
            Limits = Scaling.Limits,
        };

    /// <summary>The scaling of a score column; null where it holds no mixtures.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="score">The score column.</param>
    /// <param name="label">The label column of a scale-targets step.</param>
    public static PosteriorScaling? Of(DataViewSchema schema, string score, string label) =>
        MixtureColumn.Of(schema[score]) is { } column ? new(column, LabelScaling.Of(schema[label])) : null;

    /// <summary>Reads a row.</summary>
    public Posterior Read(ReadOnlySpan<float> score) => new(Info, InTargets(Column.Shape.Read(score)));

    /// <summary>A mixture over labels as one over targets.</summary>
    public GaussianMixture InTargets(GaussianMixture labels) => labels.Affine(_inverse, Scaling.Offset);

    /// <summary>A label where the Gaussians have the target.</summary>
    public double ToCoordinate(int target, float label) => (label * _inverse[target]) + Scaling.Offset[target];

    /// <summary>Reads rows in a graph.</summary>
    public MixtureNodes Read(OnnxGraph graph, string score) =>
        MixtureNodes.Read(graph, Column.Shape, score).Affine(_inverse, Scaling.Offset);
}
