using GlifMl.Simulation;

namespace GlifMl.Pipelines;

/// <summary>Runs the definitions of a list, seed by seed, and writes one table of them all.</summary>
public sealed class RunList
{
    private readonly RunListDefinition _definition;
    private readonly PipelineSettings _settings;
    private readonly (string Question, string File)[] _files;

    private RunList(RunListDefinition definition, string folder, PipelineSettings settings)
    {
        (_definition, _settings) = (definition, settings);
        _files = [.. definition.Runs.SelectMany(question => question.Value.Select(file => (question.Key, Path.Combine(folder, file))))];
        Directory = settings.ModelDirectory ?? Path.Combine("models", definition.Name);
        // Every definition is read before the first is run: a fault in the last must not cost an hour.
        foreach (var (_, file) in _files)
            _ = new Pipeline(Pipeline.Load(file));
    }

    /// <summary>Where the models and the report go.</summary>
    public string Directory { get; }

    /// <summary>The page that <see cref="Run()"/> writes.</summary>
    public string Report => Path.Combine(Directory, "report", "report.html");

    /// <summary>Its tables alone, as Markdown, which <see cref="Run()"/> writes beside it.</summary>
    public string Table => Path.Combine(Directory, "report", RunListReport.TableFile);

    /// <summary>How many runs there are and how long they may take, on one line.</summary>
    public string Announcement =>
        $"{_definition.Name}: {Definitions * _definition.Seeds.Count} runs ({Definitions} definitions x {_definition.Seeds.Count} seeds), "
        + $"about {_definition.MinutesASeed * _definition.Seeds.Count:0} minutes on two cores; --set seeds=[1] takes one seed";

    private int Definitions => _files.Select(f => f.File).Distinct().Count();

    /// <summary>Whether a file is a list of runs and not a definition: whether it has the key <c>runs</c>.</summary>
    /// <param name="path">The YAML file.</param>
    public static bool IsRunList(string path) =>
        File.Exists(path) && new DefinitionSource(new DefinitionFaults()).Read(path)?["runs"] is not null;

    /// <summary>Reads a list and every definition it names. Nothing is run yet.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Overrides of the list's own keys, <c>key.path=value</c>.</param>
    /// <param name="settings">Where and how to run; the model directory is the folder that takes all models and the report.</param>
    /// <exception cref="DefinitionException">The list or a definition has faults.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, or a definition is missing.</exception>
    public static RunList Load(string path, IReadOnlyList<string>? overrides = null, PipelineSettings? settings = null)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"there is no definition {path}", path);
        var faults = new DefinitionFaults();
        var source = new DefinitionSource(faults);
        if (source.Read(path) is not { } root)
            throw faults.ToException(source.Files);
        foreach (var text in overrides ?? [])
            root = SetOverride.Apply(root, text, faults);
        if (root["name"] is null)
            root = root.With(
                new("name", root.Mark, new MarkedNode.Scalar(Path.GetFileNameWithoutExtension(path), IsPlain: false, root.Mark))
            );
        var binder = new YamlBinder(
            faults,
            DefinitionConverters.For(new DefinitionContext(EstimatorCatalog.Default, StimulusCatalog.Names))
        );
        var definition = binder.Bind(typeof(RunListDefinition), root, "");
        return faults.Count == 0
            ? new RunList(
                (RunListDefinition)definition!,
                Path.GetDirectoryName(Path.GetFullPath(path))!,
                settings ?? new PipelineSettings()
            )
            : throw faults.ToException(source.Files);
    }

    /// <summary>Runs everything. With <see cref="PipelineSettings.Resume"/>, runs that are complete and of the same definition are kept.</summary>
    /// <returns>One entry a definition, in the list's order.</returns>
    /// <exception cref="InvalidDataException">The input of a run is at fault; the message begins with the run's name. Runs before it are kept.</exception>
    /// <exception cref="InvalidOperationException">A run failed, its loss no longer finite, say; as above.</exception>
    public IReadOnlyList<RunSummary> Run()
    {
        // A definition may answer two questions; it is run once.
        var metrics = _files
            .Select(f => f.File)
            .Distinct()
            .ToDictionary(file => file, file => _definition.Seeds.Select(seed => Run(file, seed)).ToArray());
        var summaries = _files.Select(f => new RunSummary(f.Question, Path.GetFileNameWithoutExtension(f.File), metrics[f.File])).ToArray();
        RunListReport.Write(_definition, summaries, Path.GetDirectoryName(Report)!);
        return summaries;
    }

    private PipelineMetrics Run(string file, int seed)
    {
        var definition = Pipeline.Load(file, [$"seed={seed}"]);
        var name = $"{Path.GetFileNameWithoutExtension(file)}-seed-{seed}";
        var pipeline = new Pipeline(
            definition,
            _settings with
            {
                ModelDirectory = Path.Combine(Directory, name),
                // The runs of a list may have any number of datasets.
                DataDirectory = _settings.DataDirectory is { } folder ? DatasetHash.Folder(folder, DatasetHash.Compute(definition)) : null,
                WritesReport = false,
                Listener = _settings.Listener is { } listener ? new PrefixedListener(listener, name) : null,
            }
        );
        if (_settings.Resume && pipeline.Finished() is { } finished)
            return finished;
        try
        {
            return pipeline.Run();
        }
        // Which of many runs failed is not in what a stage says. The exit code follows from the type, so that stays.
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{name}: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{name}: {e.Message}", e);
        }
    }
}
