using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>
/// Runs definitions on the same population, each on its own form of the traces, or takes over models that are there already, and lays their
/// figures side by side.
/// </summary>
public static class PipelineComparison
{
    private const string HoldOutSuffix = "-held-out",
        SeedSuffix = "-seed-";

    /// <summary>Compares definitions.</summary>
    /// <param name="paths">Definition files; at least one, each of another name.</param>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="DefinitionException">Definitions have faults; those of all files are reported.</exception>
    /// <exception cref="ArgumentException">
    /// The definitions do not share a population (seed and dataset, but for how a trace is stored) or targets, or share a model's folder;
    /// they are named.
    /// </exception>
    public static ComparisonTable Run(IReadOnlyList<string> paths, ComparisonSettings? settings = null)
    {
        settings ??= new ComparisonSettings();
        var (entries, plan) = Planned(paths, settings);
        plan.Check();
        var next = 0;
        return ComparisonTable.Of([
            .. entries.Select(entry => new ComparedDefinition(
                entry.Definition.Name,
                entry.Definition.Dataset.Trace,
                [.. Enumerable.Range(0, settings.Repeat).Select(_ => Compare(plan, next++, entry.HeldOut is null ? null : next++))]
            )),
        ]);
    }

    /// <summary>The runs of a comparison. Nothing is run yet.</summary>
    internal static RunPlan Plan(IReadOnlyList<string> paths, ComparisonSettings settings) => Planned(paths, settings).Plan;

    private static (IReadOnlyList<Entry> Entries, RunPlan Plan) Planned(IReadOnlyList<string> paths, ComparisonSettings settings)
    {
        if (paths.Count == 0)
            throw new ArgumentException("found no definitions to compare; expected at least one", nameof(paths));
        if (settings.Repeat < 1)
            throw new ArgumentException($"--repeat: found {settings.Repeat}; expected at least 1");
        var entries = RunPlan.ReadAll(paths, path => Load(path, settings), path => path);
        if (DatasetPopulation.Difference([.. entries.Select(entry => entry.Definition)]) is { } difference)
            RequireSame(entries, difference.Key, difference.Values);
        RequireSame(entries, "targets", [.. entries.Select(entry => string.Join(", ", entry.Definition.Targets))]);
        if (entries.Max(entry => entry.Definition.Seed) is var seed && seed > int.MaxValue - settings.Repeat + 1)
            throw new ArgumentException(
                $"--repeat: found {settings.Repeat}; expected at most {int.MaxValue - seed + 1L}, because the seeds go on from {seed}"
            );

        // A definition's runs stand together, seed by seed, each followed by that without the held-out cells.
        return (entries, new RunPlan([.. entries.SelectMany(entry => Runs(entry, settings))], Settings(settings), settings.Catalog));
    }

    private static Entry Load(string path, ComparisonSettings settings)
    {
        var definition = Pipeline.Load(path, settings.Overrides, settings.Catalog);
        return new(
            path,
            definition,
            settings.HoldOut && definition.Dataset.HoldOut is null
                ? Pipeline.Load(path, [.. settings.Overrides, "dataset.hold_out={}", "data=~"], settings.Catalog)
                : null
        );
    }

    private static void RequireSame(IReadOnlyList<Entry> entries, string what, IReadOnlyList<string> values)
    {
        var groups = entries.Zip(values).GroupBy(pair => pair.Second, pair => pair.First.Path).ToArray();
        if (groups.Length > 1)
        {
            var found = groups.Select(group => $"{string.Join(", ", group)} {(group.Count() > 1 ? "have" : "has")} {group.Key}");
            throw new ArgumentException(
                $"the definitions differ in {what}: {string.Join("; ", found)}; expected one, so that the scores compare"
            );
        }
    }

    private static IEnumerable<PlannedRun> Runs(Entry entry, ComparisonSettings settings) =>
        from repeat in Enumerable.Range(0, settings.Repeat)
        from variant in new[] { (Definition: entry.Definition, Suffix: ""), (Definition: entry.HeldOut, Suffix: HoldOutSuffix) }
        where variant.Definition is not null
        select Planned(entry.Path, variant.Definition, repeat, variant.Suffix, settings);

    private static PlannedRun Planned(string path, PipelineDefinition definition, int repeat, string suffix, ComparisonSettings settings)
    {
        var seeded = RunPlan.WithSeed(definition, definition.Seed + repeat);
        var model = $"{Folder(definition, settings)}{(repeat == 0 ? "" : $"{SeedSuffix}{seeded.Seed}")}{suffix}";
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(model));
        return new(name, path, seeded, model, RunPlan.DataFolder(settings.DatasetsDirectory, seeded));
    }

    private static string Folder(PipelineDefinition definition, ComparisonSettings settings) =>
        settings.ModelsDirectory is { } root
            ? Path.Combine(root, definition.Name)
            : definition.Output ?? Path.Combine("models", definition.Name);

    private static PipelineSettings Settings(ComparisonSettings settings) =>
        new()
        {
            Resume = settings.Resume,
            Force = settings.Force,
            Scoring = settings.Scoring,
            Listener = settings.Listener,
            Cancellation = settings.Cancellation,
        };

    private static ComparedModel Compare(RunPlan plan, int whole, int? withoutCells)
    {
        var (metrics, reused) = plan.Run(whole);
        var heldOut = withoutCells is { } index ? plan.Run(index).Metrics.HeldOut : metrics.HeldOut;
        var pipeline = plan.Pipeline(whole);
        // A model may outlive its shards.
        if (reused)
            pipeline.Generate();
        var (microseconds, engine) = ScoringSpeed.Measure(pipeline);
        return new(metrics.Seed, pipeline.Model.Path, reused, metrics, heldOut, microseconds) { ScoredBy = engine };
    }

    private sealed record Entry(string Path, PipelineDefinition Definition, PipelineDefinition? HeldOut);
}

/// <summary>How definitions are compared.</summary>
public sealed record ComparisonSettings
{
    /// <summary>
    /// How many seeds: the definitions' own and those that follow it. Each is what <c>--set seed=N</c> gives, with data of its own. Default
    /// 1.
    /// </summary>
    public int Repeat { get; init; } = 1;

    /// <summary>
    /// Trains each definition also without held-out cells (<c>dataset.hold_out</c>, at its defaults where the definition has none). Default
    /// false.
    /// </summary>
    public bool HoldOut { get; init; }

    /// <summary>Overrides of every definition, <c>key.path=value</c>. Default none.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Folder of the models, one folder a definition. Default null: each definition's own.</summary>
    public string? ModelsDirectory { get; init; }

    /// <summary>Folder of the datasets, one folder a hash. Default null: <c>datasets/shards</c>.</summary>
    public string? DatasetsDirectory { get; init; }

    /// <summary>
    /// Continues a training that was broken off from its checkpoint. Default false. Models that are finished are always taken over.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Replaces finished models of other definitions that are in the folders. Default false: they are refused.</summary>
    public bool Force { get; init; }

    /// <summary>The estimators that the definitions may name. Default: <see cref="EstimatorCatalog.Default"/>.</summary>
    public EstimatorCatalog Catalog { get; init; } = EstimatorCatalog.Default;

    /// <summary>How the exported models are run. Default: <see cref="OnnxEngine.Steady"/>, so that figures repeat to the digit.</summary>
    public OnnxModelOptions Scoring { get; init; } = new() { Engine = OnnxEngine.Steady };

    /// <summary>Follows the runs. Default null: nobody.</summary>
    public IPipelineListener? Listener { get; init; }

    /// <summary>Stops at the next step, keeping what is finished.</summary>
    public CancellationToken Cancellation { get; init; }
}
