using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>
/// Many runs as one plan: definitions by seeds by folders. All of them are prepared before the first one starts, so that a fault of the
/// last one is not found hours later; those whose model is there already are not run again. Any of them can be run alone, by its number.
/// </summary>
public sealed class RunPlan
{
    private readonly IReadOnlyList<Pipeline> _pipelines;

    /// <summary>Plans runs. Nothing is run yet.</summary>
    /// <param name="runs">The runs, each with a model folder of its own.</param>
    /// <param name="settings">How they are run; the folders are each run's own. Null: the defaults.</param>
    /// <param name="catalog">Makes the estimators; null: <see cref="EstimatorCatalog.Default"/>.</param>
    /// <exception cref="DefinitionException">Definitions have faults; those of all runs are reported.</exception>
    /// <exception cref="ArgumentException">Two runs share a model folder; their files are named.</exception>
    /// <exception cref="InvalidDataException">A folder holds a finished model of another definition, and is not to be replaced.</exception>
    public RunPlan(IReadOnlyList<PlannedRun> runs, PipelineSettings? settings = null, EstimatorCatalog? catalog = null)
    {
        Runs = runs;
        RequireOwnFolders(runs);
        _pipelines = ReadAll(runs, run => new Pipeline(run.Definition, Of(run, settings ?? new PipelineSettings()), catalog));
        foreach (var pipeline in _pipelines)
            pipeline.Folder.Look();
    }

    /// <summary>The runs, in order.</summary>
    public IReadOnlyList<PlannedRun> Runs { get; }

    /// <summary>The figures of a run that is finished; null of one that is not.</summary>
    /// <param name="index">The run's number, from 0.</param>
    /// <exception cref="InvalidDataException">Its metrics.json is damaged.</exception>
    public PipelineMetrics? Finished(int index) => _pipelines[index].Finished();

    /// <summary>Looks after what every run needs that is not finished, so that what the last one lacks is not found hours later.</summary>
    /// <exception cref="InvalidDataException">The input of a run is at fault; the message begins with its name.</exception>
    /// <exception cref="IOException">A folder cannot be written to, or the disk is too full.</exception>
    public void Check()
    {
        for (var index = 0; index < Runs.Count; index++)
        {
            if (Finished(index) is null)
                Named(
                    index,
                    pipeline =>
                    {
                        RunNeeds.Check(pipeline, generates: true);
                        return true;
                    }
                );
        }
    }

    /// <summary>Does one run, or takes it over where it is finished.</summary>
    /// <param name="index">The run's number, from 0.</param>
    /// <exception cref="InvalidDataException">
    /// The input of the run is at fault; the message begins with its name. Runs before it are kept.
    /// </exception>
    /// <exception cref="InvalidOperationException">The run failed, its loss no longer finite, say; as above.</exception>
    public FinishedRun Run(int index) =>
        Named(
            index,
            pipeline =>
            {
                pipeline.Settings.Cancellation.ThrowIfCancellationRequested();
                if (pipeline.Finished() is not { } metrics)
                    return new FinishedRun(pipeline.Run(), Reused: false);
                pipeline.SayReused(Invariant.Text($"{pipeline.Model.Path}, score {metrics.Test.MseScaled:F4}"));
                return new FinishedRun(metrics, Reused: true);
            }
        );

    /// <summary>Which of many runs failed is not in what a stage says. The exit code follows from the type, so that stays.</summary>
    private T Named<T>(int index, Func<Pipeline, T> act)
    {
        try
        {
            return act(_pipelines[index]);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{Runs[index].Name}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{Runs[index].Name}: {e.Message}", e);
        }
    }

    /// <summary>A definition with another seed, whose shards are then elsewhere.</summary>
    internal static PipelineDefinition WithSeed(PipelineDefinition definition, int seed) =>
        seed == definition.Seed ? definition : definition with { Seed = seed, Data = null };

    /// <summary>What a run works with.</summary>
    internal Pipeline Pipeline(int index) => _pipelines[index];

    /// <summary>The folder of a definition's dataset in a folder of datasets; null without one.</summary>
    internal static string? DataFolder(string? datasets, PipelineDefinition definition) =>
        datasets is null ? null : DatasetHash.Folder(datasets, DatasetHash.Compute(definition));

    /// <summary>Reads several definitions, and reports the faults of all of them together.</summary>
    /// <param name="items">What each is read from.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="place">
    /// How messages name one, for faults of overrides, which have no file in their place. Default null: not at all.
    /// </param>
    internal static IReadOnlyList<TResult> ReadAll<TItem, TResult>(
        IEnumerable<TItem> items,
        Func<TItem, TResult> read,
        Func<TItem, string>? place = null
    )
    {
        var (results, faults) = (new List<TResult>(), new List<DefinitionFault>());
        foreach (var item in items)
        {
            try
            {
                results.Add(read(item));
            }
            catch (DefinitionException e)
            {
                faults.AddRange(
                    e.Faults.Select(fault =>
                        fault.Mark.Line == 0 && place is not null ? fault with { Message = $"{fault.Message} (in {place(item)})" } : fault
                    )
                );
            }
        }

        return faults.Count == 0 ? results : throw new DefinitionException([.. faults.Distinct()]);
    }

    private static PipelineSettings Of(PlannedRun run, PipelineSettings settings) =>
        settings with
        {
            ModelDirectory = run.ModelFolder,
            DataDirectory = run.DataFolder,
            Listener = settings.Listener is { } listener ? new PrefixedListener(listener, run.Name) : null,
        };

    private static void RequireOwnFolders(IEnumerable<PlannedRun> runs)
    {
        if (
            runs.GroupBy(run => Path.GetFullPath(run.ModelFolder), run => run.File).FirstOrDefault(folder => folder.Count() > 1) is
            { } shared
        )
            throw new ArgumentException(
                $"{string.Join(" and ", shared)} share the model folder {shared.Key}; expected definitions of different names"
            );
    }

    /// <summary>Says which of several runs a stage belongs to.</summary>
    private sealed class PrefixedListener(IPipelineListener listener, string run) : IPipelineListener
    {
        public void StageStarted(string name) => listener.StageStarted($"{run}: {name}");

        public void StageProgressed(double fraction, string detail) => listener.StageProgressed(fraction, detail);

        public void StageEnded(string summary) => listener.StageEnded(summary);
    }
}

/// <summary>One run of a plan: a definition with its seed, and where it works.</summary>
/// <param name="Name">What progress and messages call it.</param>
/// <param name="File">The definition's file, as messages name it.</param>
/// <param name="Definition">The definition; its seed is the run's.</param>
/// <param name="ModelFolder">Where the model goes; no other run of the plan's.</param>
/// <param name="DataFolder">Where the shards are; null: <c>datasets/shards/</c> and the dataset's hash.</param>
public sealed record PlannedRun(string Name, string File, PipelineDefinition Definition, string ModelFolder, string? DataFolder);

/// <summary>What a run of a plan came to.</summary>
/// <param name="Metrics">Its figures.</param>
/// <param name="Reused">Whether its model was there already, of the same definition.</param>
public sealed record FinishedRun(PipelineMetrics Metrics, bool Reused);
