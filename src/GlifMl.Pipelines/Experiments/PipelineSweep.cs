using GlifMl.Pipelines;

namespace GlifMl;

/// <summary>
/// Runs a definition with several values at some places, ranks what comes of them on the validation traces, and keeps the best. What is
/// finished is never run again, so that a sweep that was broken off goes on to the same table.
/// </summary>
public sealed class PipelineSweep
{
    // Successive halving as in Jamieson and Talwalkar (2016), with the share that Li et al. (2018, Hyperband) recommend.
    private const int Eta = 3;
    private const int FewestTraces = 64;

    private readonly SweepDefinition _search;
    private readonly Trial[] _trials;
    private readonly PipelineSettings _settings;
    private readonly string _file;

    private PipelineSweep(string file, string name, SweepDefinition search, Trial[] trials, PipelineSettings settings)
    {
        (_file, Name, _search, _trials, _settings) = (file, name, search, trials, settings);
        Directory = settings.ModelDirectory ?? Path.Combine("models", name);
        if (File.Exists(new ModelDirectory(Directory).Onnx))
            throw new InvalidDataException($"{Directory}: found the folder of a model; expected one for the models of a sweep");
        Rungs = search.Search == SweepSearch.Halving ? [.. Halve(trials.Length, trials)] : [new(null, trials.Length)];
        // All are read and looked at before the first one runs.
        Plan(trials, Rungs[^1]).Check();
    }

    /// <summary>The definition's name.</summary>
    public string Name { get; }

    /// <summary>Where the models go, a folder each.</summary>
    public string Directory { get; }

    /// <summary>How many definitions are tried, and how, on one line.</summary>
    public string Announcement =>
        Invariant.Text($"{Name}: {_trials.Length} definitions")
        + (Rungs.Count > 1 ? $", on {string.Join(", ", Rungs.Select(rung => $"{rung.Traces} traces ({rung.Trials})"))}" : "")
        + (_search.Minutes is { } minutes ? Invariant.Text($", {minutes:0.##} minutes at most") : "");

    /// <summary>The trials that are run first: all of them, but for a halving, whose later rounds follow from these.</summary>
    internal RunPlan FirstRound => Plan(_trials, Rungs[0]);

    /// <summary>How many trials have how many training traces.</summary>
    private IReadOnlyList<Rung> Rungs { get; }

    /// <summary>Whether a file is a definition with several values at some place.</summary>
    /// <param name="path">The YAML file.</param>
    public static bool IsSweep(string path) => File.Exists(path) && SweepPoint.First(DefinitionTree.Read(path, null).Root) is not null;

    /// <summary>Reads a definition and all that it can be. Nothing is run yet.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Overrides, <c>key.path=value</c>; a value may be a sweep.</param>
    /// <param name="settings">
    /// Where and how to run; the model directory is the folder that takes all models, the data directory that of all datasets.
    /// </param>
    /// <exception cref="DefinitionException">Nothing is swept, or a definition has faults; those of all are reported.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PipelineSweep Load(string path, IReadOnlyList<string>? overrides = null, PipelineSettings? settings = null)
    {
        var context = new DefinitionContext(EstimatorCatalog.Default, StimulusCatalog.Names);
        var tree = DefinitionTree.Read(path, overrides);
        var search = Search(tree, context);
        var space = new SweepSpace(tree, context, search.Search);
        IEnumerable<SweepVariant> variants = search.Search == SweepSearch.Grid ? space.Grid() : space.Draw(search.Trials, search.Seed);
        if (search.Also is { } other)
            variants = variants.Concat(Beside(tree, search, DefinitionTree.Read(other, overrides), context));
        Trial[] trials = [.. RunPlan.ReadAll(variants, variant => new Trial(variant, variant.Tree.Bind(context)))];
        var definition = trials[0].Definition;
        if (trials.Any(trial => trial.Definition.Dataset.Splits.Validation is null))
            throw new DefinitionException([
                new(tree.Root.Mark, "dataset.splits.validation: found nothing; expected validation traces, on which a sweep is ranked"),
            ]);
        return new(path, definition.Name, search, trials, settings ?? new PipelineSettings());
    }

    /// <summary>Runs every trial that is not finished, and that the minutes allow.</summary>
    /// <returns>The trials, ranked.</returns>
    public SweepTable Run()
    {
        var results = _trials.ToDictionary(
            trial => trial,
            trial => new SweepTrial(trial.Name, trial.Values, Folder(trial, null), null, null, null)
        );
        var budget = new Budget(_search.Minutes);
        IReadOnlyList<Trial> left = _trials;
        foreach (var rung in Rungs)
        {
            var plan = Plan(left, rung);
            for (var i = 0; i < left.Count; i++)
            {
                if (plan.Finished(i) is null && !budget.Allows)
                    break;
                var result = Run(plan, i, results[left[i]] with { Folder = plan.Runs[i].ModelFolder, TrainTraces = rung.Traces });
                results[left[i]] = result;
                budget.Count(result.Metrics);
            }

            var finished = left.Where(trial => results[trial].TrainTraces == rung.Traces && results[trial].Metrics is not null);
            left = [.. finished.OrderBy(trial => Measure(results[trial])).Take((left.Count + Eta - 1) / Eta)];
        }

        var ranked = results
            .Values.OrderBy(trial => trial.Metrics is null)
            .ThenBy(trial => trial.Failure is null)
            .ThenByDescending(trial => trial.TrainTraces)
            .ThenBy(Measure);
        return new(Name, ScalarValues.Format(_search.By), [.. ranked], budget.Minutes, _search.Minutes);
    }

    /// <summary>The definition of a trial as a file: one that <c>glifml run</c> takes.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="folder">Where the text will be: paths are written relative to it.</param>
    /// <returns>YAML, ending with a line feed.</returns>
    internal string DefinitionOf(SweepTrial trial, string folder)
    {
        var definition = _trials.Single(t => t.Name == trial.Name).Definition;
        return DefinitionWriter.ToYaml(definition with { Name = $"{Name}-best", Output = null, Data = null }, folder);
    }

    private static SweepDefinition Search(DefinitionTree tree, DefinitionContext context)
    {
        if (tree.Root[SweepPoint.Key] is not MarkedNode.Mapping search)
            return new SweepDefinition();
        return tree.With(search).Bind<SweepDefinition>(context);
    }

    // Two grids as one: of anything else the table could not say which trials were tried on what.
    private static IReadOnlyList<SweepVariant> Beside(
        DefinitionTree tree,
        SweepDefinition search,
        DefinitionTree other,
        DefinitionContext context
    )
    {
        var its = Search(other, context);
        return (search.Search, its.Search, its.Also) is (SweepSearch.Grid, SweepSearch.Grid, null)
            ? new SweepSpace(other, context, SweepSearch.Grid).Grid()
            : throw new DefinitionException([
                new(
                    tree.Root[SweepPoint.Key]!.Mark,
                    $"sweep.also: found {Path.GetFileName(search.Also)}; expected two grids, of which the other names no third"
                ),
            ]);
    }

    private static SweepTrial Run(RunPlan plan, int index, SweepTrial trial)
    {
        try
        {
            return trial with { Metrics = plan.Run(index).Metrics };
        }
        // One whose loss ran away, or whose trainer refuses what its steps make, says something of its values and nothing of the others'.
        catch (Exception e) when (e is InvalidOperationException and not ObjectDisposedException or InvalidDataException)
        {
            return trial with { Failure = e.Message.ReplaceLineEndings(" ") };
        }
    }

    private RunPlan Plan(IEnumerable<Trial> trials, Rung rung) =>
        new(
            [
                .. trials.Select(trial =>
                {
                    var definition = rung.Traces is { } traces ? WithTraces(trial.Definition, traces) : trial.Definition;
                    return new PlannedRun(
                        trial.Name,
                        _file,
                        definition,
                        Folder(trial, rung.Traces),
                        RunPlan.DataFolder(_settings.DataDirectory, definition)
                    );
                }),
            ],
            _settings
        );

    private string Folder(Trial trial, int? traces) =>
        Path.Combine(Directory, traces is null ? trial.Name : $"{trial.Name}-{traces}-traces");

    private double Measure(SweepTrial trial) =>
        trial.Metrics?.Validation is { } validation && Of(validation) is { } value && double.IsFinite(value)
            ? value
            : double.PositiveInfinity;

    private double? Of(SplitMetrics split) => _search.By == SweepMeasure.Score ? split.MseScaled : split.LeftByParameter;

    private static IEnumerable<Rung> Halve(int count, IEnumerable<Trial> trials)
    {
        var most = trials.Min(trial => trial.Definition.Dataset.Splits.Train.Traces.Number);
        if (most is not { } full)
            throw new ArgumentException(
                "sweep.search: found halving with dataset.splits.train.traces all; expected a number of traces, of which it takes parts"
            );
        var last = (int)Math.Floor(Math.Log(count, Eta) + 1e-9);
        for (var (rung, left) = (0, count); rung <= last; rung++, left = (left + Eta - 1) / Eta)
        {
            var traces = Math.Max(Math.Min(FewestTraces, full), full / (int)Math.Pow(Eta, last - rung));
            yield return new(traces, left);
        }
    }

    private static PipelineDefinition WithTraces(PipelineDefinition definition, int traces) =>
        definition with
        {
            Data = null,
            Dataset = definition.Dataset with
            {
                Splits = definition.Dataset.Splits with { Train = definition.Dataset.Splits.Train with { Traces = TraceCount.Of(traces) } },
            },
        };

    private sealed record Trial(SweepVariant Variant, PipelineDefinition Definition)
    {
        public string Name => Variant.Name;

        public IReadOnlyList<SweptValue> Values => Variant.Values;
    }

    /// <summary>A step of halving: how many training traces, for how many trials. Null: as the definition says.</summary>
    private sealed record Rung(int? Traces, int Trials);

    /// <summary>Counts what trials took by their own clocks: a sweep that was broken off counts as an unbroken one.</summary>
    private sealed class Budget(double? minutes)
    {
        private double _seconds;
        private int _trials;

        public double Minutes => _seconds / 60;

        public bool Allows => minutes is not { } most || _trials == 0 || _seconds + (_seconds / _trials) <= most * 60;

        public void Count(PipelineMetrics? metrics)
        {
            if (metrics?.Seconds is not { } took)
                return;
            _seconds += (took.Generate ?? 0) + (took.Train ?? 0) + (took.Export ?? 0) + (took.Evaluate ?? 0);
            _trials++;
        }
    }
}
