using System.Text.Json.Serialization;

namespace GlifMl.Pipelines;

/// <summary>How well one parameter is predicted on one split.</summary>
/// <param name="R2">Coefficient of determination, 1 - mse / chance; null where the label does not vary.</param>
/// <param name="MseScaled">Mean squared error, in the study's label units squared.</param>
/// <param name="Chance">What always answering the split's label mean scores.</param>
/// <param name="Floor">What the conditional mean over identical inputs scores: the best any model can do.</param>
/// <param name="Unit">SI unit of the parameter.</param>
public sealed record ParameterMetrics(double? R2, double MseScaled, double Chance, double Floor, string Unit)
{
    /// <summary>(score - floor) / (chance - floor); null where nothing is learnable.</summary>
    [JsonIgnore]
    public double? LearnableLeft => SplitMetrics.LeftOf(MseScaled, Chance, Floor);
}
