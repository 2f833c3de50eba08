using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace GlifMl;

/// <summary>A linear model of the features, by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013) in ML.NET.</summary>
public sealed record LinearOptions : MultiOutputOptions
{
    /// <summary>Creates the defaults, with <see cref="MultiOutputOptions.Standardise"/> true.</summary>
    public LinearOptions() => Standardise = true;

    /// <summary>Weight of the squared weights in the loss. Default 1e-4; above 0, or ML.NET's own choice is taken when null.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double? L2 { get; init; } = 1e-4;

    /// <summary>Weight of the absolute weights in the loss, which drives useless ones to 0. Default 0; at least 0.</summary>
    [Range(0, double.MaxValue)]
    public double L1 { get; init; }

    /// <summary>Passes over the training rows, at most. Default 200; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int Iterations { get; init; } = 200;

    /// <summary>Training ends earlier when the duality gap relative to the loss is below this. Default 1e-4; above 0.</summary>
    [Range(0, double.MaxValue, MinimumIsExclusive = true)]
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>ML.NET's trainer of one label.</summary>
    internal SdcaRegressionTrainer Trainer(MLContext ml, string label, string features) =>
        ml.Regression.Trainers.Sdca(
            new SdcaRegressionTrainer.Options
            {
                LabelColumnName = label,
                FeatureColumnName = features,
                L2Regularization = (float?)L2,
                L1Regularization = (float)L1,
                MaximumNumberOfIterations = Iterations,
                ConvergenceTolerance = (float)Tolerance,
                // Several threads update the weights in whatever order they come.
                NumberOfThreads = 1,
            }
        );
}

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
