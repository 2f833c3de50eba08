namespace GlifMl.Pipelines;

/// <summary>Runs definitions on the same population, each on its own form of the traces, or takes over models that are there already, and lays their figures side by side.</summary>
public static class PipelineComparison
{
    private const string HoldOutSuffix = "-held-out",
        SeedSuffix = "-seed-";

    /// <summary>Compares definitions.</summary>
    /// <param name="paths">Definition files; at least one, each of another name.</param>
    /// <param name="settings">How; null for the defaults.</param>
    /// <exception cref="DefinitionException">Definitions have faults; those of all files are reported.</exception>
    /// <exception cref="ArgumentException">
    /// The definitions do not share a population (seed and dataset, but for how a trace is stored) or targets, or share a model's folder; they are named.
    /// </exception>
    public static ComparisonTable Run(IReadOnlyList<string> paths, ComparisonSettings? settings = null)
    {
        settings ??= new ComparisonSettings();
        if (paths.Count == 0)
            throw new ArgumentException("no definitions to compare; expected at least one", nameof(paths));
        if (settings.Repeat < 1)
            throw new ArgumentException($"--repeat is {settings.Repeat}; expected at least 1");
        var entries = Load(paths, settings);
        if (DatasetPopulation.Difference([.. entries.Select(entry => entry.Definition)]) is { } difference)
            RequireSame(entries, difference.Key, difference.Values);
        RequireSame(entries, "targets", [.. entries.Select(entry => string.Join(", ", entry.Definition.Targets))]);
        if (entries.Max(entry => entry.Definition.Seed) is var seed && seed > int.MaxValue - settings.Repeat + 1)
            throw new ArgumentException(
                $"--repeat is {settings.Repeat}; expected at most {int.MaxValue - seed + 1L}, because the seeds go on from {seed}"
            );

        var pipelines = entries.Select(entry => Pipelines(entry, settings).ToArray()).ToArray();
        RequireOwnFolders(entries, pipelines);
        return ComparisonTable.Of([
            .. entries.Zip(
                pipelines,
                (entry, seeds) => new ComparedDefinition(entry.Definition.Name, entry.Definition.Dataset.Trace, [.. seeds.Select(Compare)])
            ),
        ]);
    }

    private static Entry[] Load(IReadOnlyList<string> paths, ComparisonSettings settings)
    {
        var faults = new List<DefinitionFault>();
        var entries = new List<Entry>();
        foreach (var path in paths)
        {
            try
            {
                var definition = Pipeline.Load(path, settings.Overrides, settings.Catalog);
                var heldOut =
                    settings.HoldOut && definition.Dataset.HoldOut is null
                        ? Pipeline.Load(path, [.. settings.Overrides, "dataset.hold_out={}"], settings.Catalog)
                        : null;
                entries.Add(new Entry(path, definition, heldOut));
            }
            catch (DefinitionException e)
            {
                // A fault of an override has no file in its place.
                faults.AddRange(
                    e.Faults.Select(fault => fault.Mark.Line == 0 ? fault with { Message = $"{fault.Message} (in {path})" } : fault)
                );
            }
        }

        return faults.Count == 0 ? [.. entries] : throw new DefinitionException([.. faults.Distinct()]);
    }

    private static void RequireSame(Entry[] entries, string what, IReadOnlyList<string> values)
    {
        var groups = entries.Zip(values).GroupBy(pair => pair.Second, pair => pair.First).ToArray();
        if (groups.Length > 1)
        {
            throw new ArgumentException(
                $"the definitions differ in {what}: {string.Join("; ", groups.Select(g => $"{string.Join(", ", g.Select(e => e.Path))} {(g.Count() > 1 ? "have" : "has")} {g.Key}"))}; "
                    + "expected one, so that the scores compare"
            );
        }
    }

    /// <summary>Every model has a folder of its own, those of other seeds and without the held-out cells too.</summary>
    private static void RequireOwnFolders(Entry[] entries, (Pipeline Pipeline, Pipeline? HeldOut)[][] pipelines)
    {
        var models = entries
            .Zip(pipelines)
            .SelectMany(of =>
                of.Second.SelectMany(run => new[] { run.Pipeline, run.HeldOut })
                    .OfType<Pipeline>()
                    .Select(p => (of.First.Path, Folder: Path.GetFullPath(p.Model.Path)))
            );
        if (models.GroupBy(model => model.Folder, model => model.Path).FirstOrDefault(folder => folder.Count() > 1) is { } shared)
            throw new ArgumentException(
                $"{string.Join(" and ", shared)} share the model folder {shared.Key}; expected definitions of different names"
            );
    }

    /// <summary>The runs of a definition, one a seed, made before the first one starts so that a fault of the last one is not found hours later.</summary>
    private static IEnumerable<(Pipeline Pipeline, Pipeline? HeldOut)> Pipelines(Entry entry, ComparisonSettings settings) =>
        Enumerable
            .Range(0, settings.Repeat)
            .Select(k =>
                (At(entry.Definition, k, "", settings), entry.HeldOut is { } heldOut ? At(heldOut, k, HoldOutSuffix, settings) : null)
            );

    private static Pipeline At(PipelineDefinition definition, int repeat, string suffix, ComparisonSettings settings)
    {
        var seeded = definition with { Seed = definition.Seed + repeat };
        var model = $"{Folder(definition, settings)}{(repeat == 0 ? "" : $"{SeedSuffix}{seeded.Seed}")}{suffix}";
        return new Pipeline(
            seeded,
            new PipelineSettings
            {
                WritesReport = false,
                ModelDirectory = model,
                DataDirectory = settings.DatasetsDirectory is { } root ? DatasetHash.Folder(root, DatasetHash.Compute(seeded)) : null,
                Resume = settings.Resume,
                Listener = settings.Listener is { } listener
                    ? new PrefixedListener(listener, Path.GetFileName(Path.TrimEndingDirectorySeparator(model)))
                    : null,
                Cancellation = settings.Cancellation,
            },
            settings.Catalog
        );
    }

    private static string Folder(PipelineDefinition definition, ComparisonSettings settings) =>
        settings.ModelsDirectory is { } root
            ? Path.Combine(root, definition.Name)
            : definition.Output ?? Path.Combine("models", definition.Name);

    private static ComparedModel Compare((Pipeline Pipeline, Pipeline? HeldOut) run)
    {
        var (metrics, reused) = RunOrReuse(run.Pipeline);
        var heldOut = run.HeldOut is null ? metrics.HeldOut : RunOrReuse(run.HeldOut).Metrics.HeldOut;
        // A model may outlive its shards.
        if (reused)
            run.Pipeline.Generate();
        return new ComparedModel(metrics.Seed, run.Pipeline.Model.Path, reused, metrics, heldOut, ScoringSpeed.Measure(run.Pipeline));
    }

    private static (PipelineMetrics Metrics, bool Reused) RunOrReuse(Pipeline pipeline)
    {
        pipeline.Settings.Cancellation.ThrowIfCancellationRequested();
        if (pipeline.Finished() is { } metrics)
        {
            pipeline.Settings.Listener?.StageStarted("reuse");
            pipeline.Settings.Listener?.StageEnded($"{pipeline.Model.Path}, score {metrics.Test.MseScaled:F4}");
            return (metrics, true);
        }

        return (pipeline.Run(), false);
    }

    private sealed record Entry(string Path, PipelineDefinition Definition, PipelineDefinition? HeldOut);
}
