namespace GlifMl.Pipelines;

/// <summary>How well a model does on one split, between chance and floor. All losses are means over the parameters, in the study's label units squared.</summary>
/// <param name="Rows">Traces scored.</param>
/// <param name="DistinctInputs">How many different model inputs there are among them.</param>
/// <param name="MseScaled">The model's mean squared error.</param>
/// <param name="Chance">What always answering the split's label mean scores.</param>
/// <param name="Floor">What the conditional mean over identical inputs scores; 0 where no two inputs are equal.</param>
/// <param name="FloorNote">What the floor rests on, in words.</param>
/// <param name="LearnableLeft">(score - floor) / (chance - floor): 1 learnt nothing, 0 learnt all there is; null where nothing is learnable.</param>
/// <param name="Parameters">The same by parameter, by Allen key.</param>
public sealed record SplitMetrics(
    long Rows,
    long DistinctInputs,
    double MseScaled,
    double Chance,
    double Floor,
    string FloorNote,
    double? LearnableLeft,
    IReadOnlyDictionary<string, ParameterMetrics> Parameters
)
{
    /// <summary>
    /// Mean over the learnable parameters of each one's (score - floor) / (chance - floor), so that all count alike: in the score itself those with
    /// the largest label units outweigh the others, dt above all where it is live. Null where nothing is learnable.
    /// </summary>
    internal double? LeftByParameter => Parameters.Values.Average(p => p.LearnableLeft);

    /// <summary>(score - floor) / (chance - floor); null where nothing is learnable.</summary>
    internal static double? LeftOf(double score, double chance, double floor) => chance > floor ? (score - floor) / (chance - floor) : null;
}
