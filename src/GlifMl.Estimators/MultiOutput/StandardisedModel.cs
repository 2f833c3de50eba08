using GlifMl.Onnx;

namespace GlifMl.Estimators;

/// <summary>A model of standardised features.</summary>
/// <param name="Inner">The model.</param>
/// <param name="Mean">Training mean of each feature.</param>
/// <param name="Inverse">One over the training standard deviation of each feature; 0 for one that does not vary.</param>
internal sealed record StandardisedModel(IMultiOutputModel Inner, float[] Mean, float[] Inverse) : IMultiOutputModel
{
    private const int MostOnStack = 1024;

    public void Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        // Trace features are some tens of numbers; whole traces do not fit on the stack.
        var standardised = features.Length <= MostOnStack ? stackalloc float[features.Length] : new float[features.Length];
        Standardise(features, standardised);
        Inner.Score(standardised, scores);
    }

    public string Add(OnnxGraph graph, string features)
    {
        var centred = graph.Node("Sub", [features, graph.Constant(Mean, Mean.Length)]);
        return Inner.Add(graph, graph.Node("Mul", [centred, graph.Constant(Inverse, Inverse.Length)]));
    }

    public void Standardise(ReadOnlySpan<float> features, Span<float> standardised)
    {
        for (var i = 0; i < features.Length; i++)
            standardised[i] = (features[i] - Mean[i]) * Inverse[i];
    }
}
