using GlifMl.Datasets;
using GlifMl.Estimators;
using GlifMl.Simulation;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>
/// What a definition's chain does to the data, step by step, and what it roughly costs, without its shards and without training.
/// </summary>
/// <param name="Steps">The columns after each step.</param>
/// <param name="Cost">The cost.</param>
/// <remarks>
/// Shapes are known once a step is fitted. So the steps before the trainer are fitted to a few training traces, simulated on the spot; the
/// trainer is not, and its columns follow from the targets.
/// </remarks>
internal sealed record ChainInspection(IReadOnlyList<ChainStepSchema> Steps, RoughCost Cost)
{
    // Few enough to take no time, and enough that each parameter varies among them.
    private const int Traces = 16;

    /// <summary>Inspects a definition.</summary>
    /// <param name="definition">A definition whose steps have been checked by <see cref="ChainRules"/>.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <exception cref="InvalidDataException">The neuron or a stimulus cannot be simulated.</exception>
    public static ChainInspection Of(PipelineDefinition definition, EstimatorCatalog catalog)
    {
        using var folder = TemporaryFolder.Create("inspect");
        return Follow(definition, catalog, Simulate(definition, folder.Path));
    }

    private static ChainInspection Follow(PipelineDefinition definition, EstimatorCatalog catalog, ShardDataView shards)
    {
        IDataView data = shards;
        var context = new ChainContext
        {
            Ml = new MLContext(definition.Seed),
            Targets = definition.Targets,
            Seed = definition.Seed,
            Run = new TrainingRun(),
        };
        var steps = new List<ChainStepSchema> { new("data", Added(before: null, data.Schema)) };
        TraceShape? input = null;
        foreach (var (step, entry, estimator) in FittedChain.Estimators(definition, catalog, context))
        {
            if (entry?.Role == EstimatorRole.Trainer)
            {
                var targets = new ColumnShape("Single", [definition.Targets.Count]);
                steps.Add(
                    new(
                        step,
                        new Dictionary<string, ColumnShape>
                        {
                            [ChainContext.ScoreColumn] = targets,
                            [ChainContext.ParametersColumn] = targets with { Units = "SI" },
                        }
                    )
                );
                input = TraceShape.Of(data.Schema[context.Trace]);
                break;
            }

            try
            {
                var next = estimator.Fit(data).Transform(data);
                steps.Add(new(step, Added(data.Schema, next.Schema)));
                data = next;
            }
            catch (Exception e) when (e is ArgumentException or InvalidDataException)
            {
                steps.Add(
                    new(
                        step,
                        new Dictionary<string, ColumnShape>(),
                        $"cannot be fitted to {Traces} sampled traces: {e.Message.ReplaceLineEndings(" ")}"
                    )
                );
                break;
            }
        }

        return new ChainInspection(steps, RoughCost.Of(definition, input));
    }

    private static ShardDataView Simulate(PipelineDefinition definition, string directory)
    {
        var source = TraceSources.Of(definition, "train");
        // Drawn at random: neighbours in a grid share most of their parameters.
        var random = new SeededRandom((ulong)definition.Seed, RandomStreams.Inspection);
        long[] traces = [.. Enumerable.Range(0, Traces).Select(_ => random.NextBelow(source.Count))];
        DatasetGenerator.Generate(
            new SampledTraces(source, traces),
            new DatasetPlan
            {
                Directory = directory,
                Split = "train",
                DefinitionHash = DatasetHash.Compute(definition),
            }
        );
        return ShardDataView.Open(Path.Combine(directory, "train"));
    }

    private static Dictionary<string, ColumnShape> Added(DataViewSchema? before, DataViewSchema after) =>
        after
            .Where(column => !column.IsHidden && (before?.GetColumnOrNull(column.Name) is not { } old || old.Index != column.Index))
            .ToDictionary(column => column.Name, column => Shape(column.Type));

    private static ColumnShape Shape(DataViewType type) =>
        type is VectorDataViewType vector ? new($"{vector.ItemType}", vector.Dimensions) : new($"{type}", []);
}

/// <summary>What one step of a chain adds to the data.</summary>
/// <param name="Step">Its name in the definition; <c>data</c> for the columns of the shards.</param>
/// <param name="Columns">The columns that it adds.</param>
/// <param name="Note">Why the columns are not known; null where they are.</param>
internal sealed record ChainStepSchema(string Step, IReadOnlyDictionary<string, ColumnShape> Columns, string? Note = null);

/// <summary>What a column holds, such as <c>Single[200, 4]</c>: samples, then channels.</summary>
/// <param name="Type">ML.NET's name of a value's type.</param>
/// <param name="Dimensions">Values along each dimension; empty for a single value.</param>
/// <param name="Units">Units of the values; null where there is nothing to say.</param>
internal sealed record ColumnShape(string Type, IReadOnlyList<int> Dimensions, string? Units = null)
{
    /// <inheritdoc/>
    public override string ToString() =>
        Type + (Dimensions.Count == 0 ? "" : $"[{string.Join(", ", Dimensions)}]") + (Units is null ? "" : $", {Units} units");
}

/// <summary>A few traces of a split, by their numbers: enough to see what a chain makes of them.</summary>
internal sealed class SampledTraces(ITraceSource source, IReadOnlyList<long> traces) : ITraceSource
{
    /// <inheritdoc/>
    public ShardSchema Schema => source.Schema;

    /// <inheritdoc/>
    public long Count => traces.Count;

    /// <inheritdoc/>
    public void Fill(long firstTrace, TraceBatch batch)
    {
        var one = new TraceBatch(Schema, 1);
        for (var row = 0; row < batch.Rows; row++)
        {
            source.Fill(traces[(int)firstTrace + row], one);
            one.Voltage(0).CopyTo(batch.Voltage(row));
            if (Schema.HasStimulus)
                one.Stimulus(0).CopyTo(batch.Stimulus(row));
            for (var k = 0; k < Schema.Targets.Count; k++)
                batch.Labels(k)[row] = one.Labels(k)[0];
            batch.ConfigurationIds[row] = one.ConfigurationIds[0];
            batch.StimulusIds[row] = one.StimulusIds[0];
            batch.SpikeCounts[row] = one.SpikeCounts[0];
        }
    }
}

/// <summary>What carrying out a definition takes, to the order of magnitude.</summary>
/// <param name="Traces">Traces by split; where they are without end, those of an epoch.</param>
/// <param name="ShardBytes">Bytes of all shards before compression; noise-free traces compress about 30-fold.</param>
/// <param name="SimulationSteps">Steps that the simulator takes.</param>
/// <param name="TrainingFlop">
/// Floating-point operations of training: the matrix products of each LSTM layer, forward once and backward twice, for all epochs. Null for
/// a trainer that is not an LSTM, or whose input is not known.
/// </param>
/// <param name="TraceMemoryBytes">
/// Memory that the decoded training and validation traces take, within the trainer's limit; null where not known.
/// </param>
internal sealed record RoughCost(
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
        var stored = definition.Dataset.Splits.Stored.Sum(s => traces[s.Name]);
        var rowBytes = ((long)trace.Samples * sizeof(float) * (trace.Stimulus ? 2 : 1)) + (definition.Targets.Count * sizeof(double));
        var (train, kept) = (traces["train"], traces["train"] + traces.GetValueOrDefault("validation"));
        var epochs = definition.Steps[^1].Options is TrainerOptions network ? network.Epochs : 1;
        var (split, shown) = (definition.Dataset.Splits.Train, definition.Dataset.Splits.Train.Shown ?? 1);
        var simulated = stored + (split.IsEndless ? train * ((epochs + shown - 1) / shown) : 0);
        return new RoughCost(
            traces,
            stored * rowBytes,
            (double)simulated * trace.Simulate,
            input is { } shape && definition.Steps[^1].Options is BiLstmOptions lstm
                ? 3 * ForwardFlop(lstm, shape) * train * lstm.Epochs
                : null,
            input is { } read && definition.Steps[^1].Options is TrainerOptions options
                ? Math.Min(kept * read.Samples * read.Channels * sizeof(float), (long)options.CacheMebibytes << 20)
                : null
        );
    }

    /// <summary>
    /// One trace through the layers: four gates of a product with the input and the state each, a multiplication and an addition a weight.
    /// </summary>
    private static double ForwardFlop(BiLstmOptions options, TraceShape shape)
    {
        var (directions, hidden) = (options.Bidirectional ? 2.0 : 1, (double)options.Hidden);
        return Enumerable
            .Range(0, options.Layers)
            .Sum(layer => shape.Samples * directions * 8 * hidden * ((layer == 0 ? shape.Channels : directions * hidden) + hidden));
    }
}
