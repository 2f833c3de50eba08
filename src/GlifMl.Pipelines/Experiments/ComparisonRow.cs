namespace GlifMl.Pipelines;

/// <summary>One line of a comparison: a definition, or chance or floor, which have no model and so no times and sizes.</summary>
/// <param name="Name">Name of the definition; <c>chance</c> or <c>floor</c>.</param>
/// <param name="R2">Coefficient of determination on the test split by Allen key; null where the label does not vary.</param>
/// <param name="Score">Mean squared error on the test split in the study's label units squared.</param>
/// <param name="LearnableLeft">(score - floor) / (chance - floor) with the table's floor; null where nothing is learnable.</param>
/// <param name="HeldOutR2">As <paramref name="R2"/> in the held-out cells; null without them.</param>
/// <param name="HeldOutScore">As <paramref name="Score"/> in the held-out cells; null without them.</param>
/// <param name="HeldOutLearnableLeft">As <paramref name="LearnableLeft"/> in the held-out cells; null without them.</param>
/// <param name="TrainSeconds">Wall time of training, s; null where it was not measured.</param>
/// <param name="ScoreMicroseconds">Wall time of scoring a trace in batches, microseconds.</param>
/// <param name="OnnxBytes">Bytes of model.onnx.</param>
/// <param name="Models">The trained models, one a seed.</param>
public sealed record ComparisonRow(
    string Name,
    IReadOnlyDictionary<string, Spread?> R2,
    Spread Score,
    Spread? LearnableLeft,
    IReadOnlyDictionary<string, Spread?>? HeldOutR2,
    Spread? HeldOutScore,
    Spread? HeldOutLearnableLeft,
    Spread? TrainSeconds,
    Spread? ScoreMicroseconds,
    Spread? OnnxBytes,
    IReadOnlyList<ComparedModel> Models
);
