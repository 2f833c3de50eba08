using GlifMl.Datasets;
using GlifMl.Estimators;
using GlifMl.Simulation;
using GlifMl.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Pipelines;

/// <summary>What a definition's chain does to the data, step by step, and what it roughly costs, without its shards and without training.</summary>
/// <param name="Steps">The columns after each step.</param>
/// <param name="Cost">The cost.</param>
/// <remarks>
/// Shapes are known once a step is fitted. So the steps before the trainer are fitted to a few training traces, simulated on the spot; the trainer is not,
/// and its columns follow from the targets.
/// </remarks>
public sealed record ChainInspection(IReadOnlyList<ChainStepSchema> Steps, RoughCost Cost)
{
    // Few enough to take no time, and enough that each parameter varies among them.
    private const int Traces = 16;

    /// <summary>Inspects a definition.</summary>
    /// <param name="definition">A definition whose steps have been checked by <see cref="ChainRules"/>.</param>
    /// <param name="catalog">Makes the estimators.</param>
    /// <exception cref="InvalidDataException">The neuron or a stimulus cannot be simulated.</exception>
    public static ChainInspection Of(PipelineDefinition definition, EstimatorCatalog catalog)
    {
        var directory = Directory.CreateTempSubdirectory("glifml-inspect-").FullName;
        try
        {
            return Follow(definition, catalog, Simulate(definition, directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
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
                var targets = $"Single[{definition.Targets.Count}]";
                steps.Add(
                    new(
                        step,
                        new Dictionary<string, string>
                        {
                            [ChainContext.ScoreColumn] = targets,
                            [ChainContext.ParametersColumn] = $"{targets}, SI units",
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
                        new Dictionary<string, string>(),
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
        var source = new SimulatedTraceSource(definition, "train");
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

    private static Dictionary<string, string> Added(DataViewSchema? before, DataViewSchema after) =>
        after
            .Where(column => !column.IsHidden && (before?.GetColumnOrNull(column.Name) is not { } old || old.Index != column.Index))
            .ToDictionary(column => column.Name, column => Words(column.Type));

    private static string Words(DataViewType type) =>
        type is VectorDataViewType vector ? $"{vector.ItemType}[{string.Join(", ", vector.Dimensions)}]" : type.ToString()!;
}
