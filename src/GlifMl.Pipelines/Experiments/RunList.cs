using System.ComponentModel.DataAnnotations;
using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>Runs the definitions of a list, seed by seed, so that they can be set beside one another.</summary>
public sealed class RunList
{
    private readonly (string Question, string File)[] _files;
    private readonly RunPlan _plan;

    private RunList(RunListDefinition definition, string folder, PipelineSettings settings)
    {
        Definition = definition;
        Directory = settings.ModelDirectory ?? Path.Combine("models", definition.Name);
        if (File.Exists(new ModelDirectory(Directory).Onnx))
            throw new InvalidDataException($"{Directory}: found the folder of a model; expected one for the models of a list");
        _files = [.. definition.Runs.SelectMany(question => question.Value.Select(file => (question.Key, Path.Combine(folder, file))))];
        // A definition may answer two questions; it is run once.
        var definitions = RunPlan.ReadAll(_files.Select(f => f.File).Distinct(), file => (File: file, Definition: Pipeline.Load(file)));
        _plan = new RunPlan(
            [
                .. definitions.SelectMany(d =>
                    definition.Seeds.Select(seed => Planned(d.File, RunPlan.WithSeed(d.Definition, seed), settings))
                ),
            ],
            settings
        );
    }

    /// <summary>Where the models go, a folder each.</summary>
    public string Directory { get; }

    /// <summary>How many runs there are and how long they may take, on one line.</summary>
    public string Announcement
    {
        get
        {
            var (runs, seeds) = (_plan.Runs.Count, Definition.Seeds.Count);
            return Invariant.Text(
                $"{Definition.Name}: {runs} runs ({runs / seeds} definitions x {seeds} seeds), "
                    + $"about {Definition.MinutesASeed * seeds:0} minutes on two cores; --set seeds=[1] takes one seed"
            );
        }
    }

    /// <summary>What the list says.</summary>
    internal RunListDefinition Definition { get; }

    /// <summary>Its runs.</summary>
    internal RunPlan Plan => _plan;

    /// <summary>Whether a file is a list of runs and not a definition: whether it has the key <c>runs</c>.</summary>
    /// <param name="path">The YAML file.</param>
    public static bool IsRunList(string path) =>
        File.Exists(path) && new DefinitionSource(new DefinitionFaults()).Read(path)?["runs"] is not null;

    /// <summary>Reads a list and every definition it names. Nothing is run yet.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Overrides of the list's own keys, <c>key.path=value</c>.</param>
    /// <param name="settings">
    /// Where and how to run; the model directory is the folder that takes all models, the data directory that of all datasets.
    /// </param>
    /// <exception cref="DefinitionException">The list or definitions have faults; those of all definitions are reported.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, or a definition is missing.</exception>
    public static RunList Load(string path, IReadOnlyList<string>? overrides = null, PipelineSettings? settings = null) =>
        new(
            DefinitionLoader.Load<RunListDefinition>(path, new(EstimatorCatalog.Default, StimulusCatalog.Names), overrides),
            Path.GetDirectoryName(Path.GetFullPath(path))!,
            settings ?? new PipelineSettings()
        );

    /// <summary>Runs everything that is not finished.</summary>
    /// <returns>One entry a definition, in the list's order.</returns>
    /// <exception cref="InvalidDataException">
    /// The input of a run is at fault; the message begins with the run's name. Runs before it are kept.
    /// </exception>
    /// <exception cref="InvalidOperationException">A run failed, its loss no longer finite, say; as above.</exception>
    public IReadOnlyList<RunSummary> Run()
    {
        _plan.Check();
        var metrics = _plan.Runs.Select((run, index) => (run.File, _plan.Run(index).Metrics)).ToLookup(run => run.File, run => run.Metrics);
        return [.. _files.Select(f => new RunSummary(f.Question, Path.GetFileNameWithoutExtension(f.File), [.. metrics[f.File]]))];
    }

    private PlannedRun Planned(string file, PipelineDefinition definition, PipelineSettings settings)
    {
        var name = $"{Path.GetFileNameWithoutExtension(file)}-seed-{definition.Seed}";
        return new(name, file, definition, Path.Combine(Directory, name), RunPlan.DataFolder(settings.DataDirectory, definition));
    }
}

/// <summary>A list of definitions to run, each with several seeds, and to set beside one another: a file with <c>runs</c>.</summary>
internal sealed record RunListDefinition : IValidatableObject
{
    /// <summary>Name of the list and of its folder under <c>models/</c>. Default: the file's name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>What the list asks, by name of the question: the definitions that answer it, as paths relative to the file.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Runs { get; init; }

    /// <summary>The seeds that each definition is run with, in place of its own. Default 1, 2, 3.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1, 2, 3];

    /// <summary>How long all runs of one seed take on two cores, minutes: what is said before they start. Default 20.</summary>
    [Range(0, double.MaxValue)]
    public double MinutesASeed { get; init; } = 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Seeds.Count == 0 || Seeds.Any(s => s < 0) || Seeds.Distinct().Count() != Seeds.Count)
            yield return new("expected at least one seed, each at least 0 and there once", [nameof(Seeds)]);
        if (!Runs.Values.Any(files => files.Count > 0))
            yield return new("expected at least one definition", [nameof(Runs)]);
    }
}

/// <summary>One definition of a list, over its seeds.</summary>
/// <param name="Question">What it helps to answer.</param>
/// <param name="Name">The definition's file name without its extension.</param>
/// <param name="Metrics">The figures of each seed, in the list's order.</param>
public sealed record RunSummary(string Question, string Name, IReadOnlyList<PipelineMetrics> Metrics)
{
    /// <summary>The test rows in cells seen in training; of a definition that holds out none, the whole test.</summary>
    internal static SplitMetrics Seen(PipelineMetrics metrics) => metrics.SeenCells ?? metrics.Test;

    /// <summary>A figure over the seeds; null where a seed has no such figure.</summary>
    /// <param name="figure">The figure of one seed.</param>
    public Spread? Over(Func<PipelineMetrics, double?> figure) => Spread.Of(Metrics.Select(figure));
}
