using GlifMl.Onnx;

namespace GlifMl.Pipelines;

/// <summary>What a model reads out of one trace.</summary>
/// <param name="Source">The file it comes from.</param>
/// <param name="Trace">Its number in the file; 0 for a recording.</param>
/// <param name="Parameters">The parameters in the model's order, SI units.</param>
/// <param name="Notes">What was done to a recording to make it the model's input.</param>
/// <param name="OutOfRange">Where a recording lies against the training traces.</param>
public sealed record ScoredTrace(
    string Source,
    long Trace,
    IReadOnlyList<float> Parameters,
    IReadOnlyList<string> Notes,
    IReadOnlyList<RangeMeasure> OutOfRange
);
