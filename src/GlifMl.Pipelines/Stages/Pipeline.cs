using System.Diagnostics;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Torch;

namespace GlifMl;

/// <summary>A definition and where it works: simulate, shards, data view, estimators, ONNX, score, one stage after the other.</summary>
public sealed class Pipeline
{
    /// <summary>Prepares a definition's run. Nothing is read or written yet.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="settings">How it is run; null: the defaults.</param>
    /// <param name="catalog">Makes its estimators; null: <see cref="EstimatorCatalog.Default"/>.</param>
    /// <exception cref="DefinitionException">The steps do not make a chain, or one cannot be written as ONNX.</exception>
    public Pipeline(PipelineDefinition definition, PipelineSettings? settings = null, EstimatorCatalog? catalog = null)
    {
        Catalog = catalog ?? EstimatorCatalog.Default;
        ChainRules.Check(definition, Catalog);
        ExportRules.Check(definition, Catalog);
        Definition = definition;
        Settings = settings ?? new PipelineSettings();
        DataHash = DatasetHash.Compute(definition);
        DataDirectory = Settings.DataDirectory ?? DatasetHash.Folder(Path.Combine("datasets", "shards"), DataHash);
        Model = new ModelDirectory(Settings.ModelDirectory ?? definition.Output ?? Path.Combine("models", definition.Name));
    }

    /// <summary>The resolved definition.</summary>
    public PipelineDefinition Definition { get; }

    /// <summary>Makes the estimators.</summary>
    public EstimatorCatalog Catalog { get; }

    /// <summary>How the run works.</summary>
    public PipelineSettings Settings { get; }

    /// <summary>Hash of the dataset's definition.</summary>
    public string DataHash { get; }

    /// <summary>Where the shards are.</summary>
    public string DataDirectory { get; }

    /// <summary>Where the model goes.</summary>
    public ModelDirectory Model { get; }

    /// <summary>Reads a definition.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Overrides, <c>key.path=value</c>.</param>
    /// <param name="catalog">The estimators it may name; null: <see cref="EstimatorCatalog.Default"/>.</param>
    /// <exception cref="DefinitionException">The definition has faults; all of them are reported.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PipelineDefinition Load(string path, IReadOnlyList<string>? overrides = null, EstimatorCatalog? catalog = null) =>
        DefinitionLoader.Load(path, new DefinitionContext(catalog ?? EstimatorCatalog.Default, StimulusCatalog.Names), overrides);

    /// <summary>Writes the shards that are missing.</summary>
    /// <param name="selection">Which shards of each split; null: all.</param>
    /// <returns>What was made, by split.</returns>
    public IReadOnlyDictionary<string, GenerationResult> Generate(ShardSelection? selection = null) => GenerateStage.Run(this, selection);

    /// <summary>Fits the chain and writes model.onnx, model.zip and the training log.</summary>
    /// <returns>Wall time of training and export.</returns>
    public StageSeconds Train() => TrainStage.Run(this);

    /// <summary>Scores the exported model and writes metrics.json.</summary>
    /// <param name="seconds">Wall time of the stages before; null: what the last metrics.json says.</param>
    public PipelineMetrics Evaluate(StageSeconds? seconds = null) => EvaluateStage.Run(this, seconds);

    /// <summary>
    /// The figures of a model that this very definition trained, and that was evaluated since; null where there is none. The folder's
    /// definition is written before training, its figures after evaluation.
    /// </summary>
    /// <exception cref="InvalidDataException">metrics.json is damaged.</exception>
    internal PipelineMetrics? Finished() =>
        File.Exists(Model.Onnx)
        && File.Exists(Model.Definition)
        && File.ReadAllText(Model.Definition) == DefinitionWriter.ToYaml(Definition, Model.Path)
        && PipelineMetrics.Load(Model.Metrics) is { } metrics
        && metrics.DataHash == DataHash
        && metrics.Seed == Definition.Seed
        && File.GetLastWriteTimeUtc(Model.Metrics) >= File.GetLastWriteTimeUtc(Model.Onnx)
            ? metrics
            : null;

    /// <summary>All stages. The report of the model is <c>GlifMl.Reporting</c>'s.</summary>
    public PipelineMetrics Run()
    {
        CheckMachine();
        var start = Stopwatch.GetTimestamp();
        Generate();
        var generate = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Evaluate(Train() with { Generate = generate });
    }

    /// <summary>Fails where this machine cannot train the network of the definition: asked before hours of work, not after.</summary>
    internal void CheckMachine()
    {
        if (Definition.Steps.Any(step => step.Options is TrainerOptions))
            TorchRuntime.Check();
    }

    /// <summary>Opens a split's shards.</summary>
    /// <exception cref="InvalidDataException">
    /// The shards are missing, damaged, or of another definition; the message says what to do.
    /// </exception>
    internal ShardDataView Open(string split)
    {
        var directory = Path.Combine(DataDirectory, split);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException(
                $"{directory}: found no such folder; expected the {split} shards of this definition, which `glifml generate` writes"
            );
        var view = ShardDataView.Open(directory, cancellationToken: Settings.Cancellation);
        foreach (var note in view.Notes)
            Settings.Listener?.StageProgressed(0, note);
        return view.Metadata.DefinitionHash == DataHash
            ? view
            : throw new InvalidDataException(
                $"{directory}: found shards of definition {ShortHash.Of(view.Metadata.DefinitionHash)}; "
                    + $"expected {ShortHash.Of(DataHash)}: delete it, or name another folder with --data"
            );
    }
}

/// <summary>Where a run works and how; none of it changes the result.</summary>
public sealed record PipelineSettings
{
    /// <summary>The model's folder. Default null: the definition's <c>output</c>, or <c>models/NAME</c> in the working directory.</summary>
    public string? ModelDirectory { get; init; }

    /// <summary>The shards' folder. Default null: <c>datasets/shards/</c> and the dataset's hash, in the working directory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Continues training from its checkpoint. Default false. Shards that are there are always kept.</summary>
    public bool Resume { get; init; }

    /// <summary>Follows the run. Default null: nobody.</summary>
    public IPipelineListener? Listener { get; init; }

    /// <summary>Stops the run at the next step, keeping what is finished.</summary>
    public CancellationToken Cancellation { get; init; }
}
