using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>A fitted function from features to scores, in process and as nodes of a graph.</summary>
internal interface IMultiOutputModel
{
    /// <summary>Scores one row.</summary>
    void Score(ReadOnlySpan<float> features, Span<float> scores);

    /// <summary>Adds the same as nodes.</summary>
    /// <param name="graph">The graph to add to.</param>
    /// <param name="features">[N, features], single.</param>
    /// <returns>[N, scores], single.</returns>
    string Add(OnnxGraph graph, string features);
}
