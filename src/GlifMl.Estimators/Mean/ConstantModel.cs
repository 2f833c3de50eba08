using GlifMl.Onnx;

namespace GlifMl.Estimators;

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
