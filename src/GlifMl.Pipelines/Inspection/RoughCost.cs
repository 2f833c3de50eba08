using GlifMl.Estimators;
using GlifMl.Torch;

namespace GlifMl.Pipelines;

/// <summary>What carrying out a definition takes, to the order of magnitude.</summary>
/// <param name="Traces">Traces by split.</param>
/// <param name="ShardBytes">Bytes of all shards before compression; noise-free traces compress about 30-fold.</param>
/// <param name="SimulationSteps">Steps that the simulator takes.</param>
/// <param name="TrainingFlop">
/// Floating-point operations of training: the matrix products of each LSTM layer, forward once and backward twice, for all epochs. Null for a trainer
/// that is not an LSTM, or whose input is not known.
/// </param>
/// <param name="TraceMemoryBytes">Memory that the decoded training and validation traces take, within the trainer's limit; null where not known.</param>
public sealed record RoughCost(
    IReadOnlyDictionary<string, long> Traces,
    long ShardBytes,
    double SimulationSteps,
    double? TrainingFlop,
    long? TraceMemoryBytes
)
{
    /// <summary>The cost of a definition.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="input">The shape of the trace that its trainer reads; null where it is not known.</param>
    internal static RoughCost Of(PipelineDefinition definition, TraceShape? input)
    {
        var (trace, design) = (definition.Dataset.Trace, DesignFactory.Create(definition));
        var traces = definition.Dataset.Splits.Present.ToDictionary(s => s.Name, s => TraceNumbering.Of(definition, s.Name, design).Count);
        var total = traces.Values.Sum();
        var rowBytes = ((long)trace.Samples * sizeof(float) * (trace.Stimulus ? 2 : 1)) + (definition.Targets.Count * sizeof(double));
        var (train, kept) = (traces["train"], traces["train"] + traces.GetValueOrDefault("validation"));
        return new RoughCost(
            traces,
            total * rowBytes,
            (double)total * trace.Simulate,
            input is { } shape && definition.Steps[^1].Options is BiLstmOptions lstm
                ? 3 * ForwardFlop(lstm, shape) * train * lstm.Epochs
                : null,
            input is { } read && definition.Steps[^1].Options is TrainerOptions options
                ? Math.Min(kept * read.Samples * read.Channels * sizeof(float), (long)options.CacheMebibytes << 20)
                : null
        );
    }

    /// <summary>One trace through the layers: four gates of a product with the input and the state each, a multiplication and an addition a weight.</summary>
    private static double ForwardFlop(BiLstmOptions options, TraceShape shape)
    {
        var (directions, hidden) = (options.Bidirectional ? 2.0 : 1, (double)options.Hidden);
        return Enumerable
            .Range(0, options.Layers)
            .Sum(layer => shape.Samples * directions * 8 * hidden * ((layer == 0 ? shape.Channels : directions * hidden) + hidden));
    }
}
