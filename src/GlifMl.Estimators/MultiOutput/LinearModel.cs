using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>scores = W features + bias.</summary>
/// <param name="Weights">[scores, features], row-major.</param>
/// <param name="Bias">[scores].</param>
internal sealed record LinearModel(float[] Weights, float[] Bias) : IMultiOutputModel
{
    public void Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            var sum = (double)Bias[k];
            for (var i = 0; i < features.Length; i++)
                sum += (double)Weights[(k * features.Length) + i] * features[i];
            scores[k] = (float)sum;
        }
    }

    public string Add(OnnxGraph graph, string features) =>
        OnnxLayers.Linear(graph, new OnnxValue(features, Weights.Length / Bias.Length), Weights, Bias).Name;
}
