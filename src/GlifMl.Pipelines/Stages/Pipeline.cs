using System.Diagnostics;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Torch;

namespace GlifMl;

/// <summary>A definition and where it works: simulate, shards, data view, estimators, ONNX, score, one stage after the other.</summary>
public sealed class Pipeline
{
    private readonly S3Model? _inS3;

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
        DataDirectory = Settings.DataDirectory ?? definition.Data ?? DatasetHash.Folder(Path.Combine("datasets", "shards"), DataHash);
        var folder = Settings.ModelDirectory ?? definition.Output ?? Path.Combine("models", definition.Name);
        _inS3 = S3Model.At(folder);
        Model = new ModelDirectory(_inS3?.Folder ?? folder);
        Folder = new ModelFolder(this);
    }

    /// <summary>The resolved definition.</summary>
    public PipelineDefinition Definition { get; }

    /// <summary>Makes the estimators.</summary>
    public EstimatorCatalog Catalog { get; }

    /// <summary>How the run works.</summary>
    public PipelineSettings Settings { get; }

    /// <summary>Hash of the dataset's definition.</summary>
    public string DataHash { get; }

    /// <summary>Where the shards are: a folder, or <c>s3://BUCKET/PREFIX</c>.</summary>
    public string DataDirectory { get; }

    /// <summary>Where the model goes; of one in S3 the folder of this machine that it is worked on in.</summary>
    public ModelDirectory Model { get; }

    /// <summary>Where shards are read: of those in S3 the folder that they would be in without it.</summary>
    internal string LocalData =>
        S3Address.Is(DataDirectory) ? DatasetHash.Folder(Path.Combine("datasets", "shards"), DataHash) : DataDirectory;

    /// <summary>The model's folder as it was named, in full.</summary>
    internal string Output => _inS3?.ToString() ?? Path.GetFullPath(Model.Path);

    /// <summary>The same, with what is to be done there.</summary>
    internal ModelFolder Folder { get; }

    /// <summary>Reads a definition.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="overrides">Overrides, <c>key.path=value</c>.</param>
    /// <param name="catalog">The estimators it may name; null: <see cref="EstimatorCatalog.Default"/>.</param>
    /// <exception cref="DefinitionException">The definition has faults; all of them are reported.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static PipelineDefinition Load(string path, IReadOnlyList<string>? overrides = null, EstimatorCatalog? catalog = null)
    {
        var context = new DefinitionContext(catalog ?? EstimatorCatalog.Default, StimulusCatalog.Names);
        var definition = DefinitionLoader.Load(path, context, overrides);
        var folder = new ModelDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // A model's folder keeps the definition that it is from; those of older versions do not say where they are.
        return
            definition.Output is null
            && Path.GetFullPath(path) == folder.Definition
            && (File.Exists(folder.Onnx) || File.Exists(folder.LastCheckpoint))
            ? definition with
            {
                Output = folder.Path,
            }
            : definition;
    }

    /// <summary>Writes the shards that are missing.</summary>
    /// <param name="selection">Which shards of each split; null: all.</param>
    /// <returns>What was made, by split.</returns>
    public IReadOnlyDictionary<string, GenerationResult> Generate(ShardSelection? selection = null) => GenerateStage.Run(this, selection);

    /// <summary>Writes the manifests of splits whose shards are all there: made in parts, by any number of processes.</summary>
    /// <returns>Shards, by split.</returns>
    /// <exception cref="InvalidDataException">A shard is missing, or is another definition's.</exception>
    internal IReadOnlyDictionary<string, int> Assemble() => GenerateStage.Assemble(this);

    /// <summary>
    /// Fits the chain and writes model.onnx, model.zip and the training log; nothing where this definition's model is there already.
    /// </summary>
    /// <returns>Wall time of training and export.</returns>
    /// <exception cref="InvalidDataException">
    /// The folder holds another definition's model, and <see cref="PipelineSettings.Force"/> is not set.
    /// </exception>
    public StageSeconds Train() => InFolder(TrainThere);

    private StageSeconds TrainThere()
    {
        if (!Settings.IsFirst)
            return Follow(Settings.Peers!);
        var (isThere, metrics) = Folder.Look();
        if (!isThere || Settings.Force)
            RunNeeds.Check(this, generates: false);
        using var alone = isThere && !Settings.Force ? null : FolderLock.Take(Model);
        // Another run may have finished before the lock was had.
        if (alone is not null)
            (isThere, metrics) = Folder.Look();
        if (isThere && !Settings.Force)
        {
            SayReused(Model.Onnx);
            Settings.Peers?.Tell("");
            Settings.Peers?.Leave();
            return metrics?.Seconds ?? new StageSeconds();
        }

        var work = Folder.Begin(isThere);
        Settings.Peers?.Tell(work.Path);
        var seconds = TrainStage.Run(this, work);
        Folder.End(work);
        Settings.Peers?.Leave();
        return seconds;
    }

    /// <summary>
    /// Trains one network of an ensemble and leaves its checkpoint, from which <see cref="Train"/> goes on with --resume.
    /// </summary>
    /// <param name="number">From 0.</param>
    /// <returns>The network's folder.</returns>
    /// <exception cref="ArgumentException">There is no such network.</exception>
    internal string TrainMember(int number)
    {
        if (number < 0 || number >= (Definition.Ensemble ?? 0))
            throw new ArgumentException(
                $"--member: found {number}; expected "
                    + (Definition.Ensemble is { } count ? $"0 to {count - 1}" : "a definition with ensemble: N")
            );
        var folder = EnsembleMember.All(Definition, Definition.Ensemble!.Value).ElementAt(number).FolderIn(Model.Path);
        if (Folder.Look().IsThere)
        {
            SayReused(Model.Onnx);
            return folder;
        }

        RunNeeds.Check(this, generates: false);
        using var alone = FolderLock.Take(new ModelDirectory(folder));
        _ = TrainStage.Run(this, Model, number);
        return folder;
    }

    /// <summary>Trains together with the first process, which alone looks into the model's folder and writes there.</summary>
    private StageSeconds Follow(TrainingPeers peers)
    {
        var work = peers.Tell("");
        var seconds = work.Length == 0 ? new StageSeconds() : TrainStage.Run(this, new ModelDirectory(work));
        peers.Leave();
        return seconds;
    }

    /// <summary>Scores the exported model and writes metrics.json.</summary>
    /// <param name="seconds">Wall time of the stages before; null: what the last metrics.json says.</param>
    /// <exception cref="FileNotFoundException">There is no model.</exception>
    /// <exception cref="InvalidDataException">
    /// The model is another definition's, and <see cref="PipelineSettings.Force"/> is not set.
    /// </exception>
    public PipelineMetrics Evaluate(StageSeconds? seconds = null) =>
        InFolder(() =>
        {
            RequireModel();
            using var alone = FolderLock.Take(Model);
            return EvaluateStage.Run(this, Model, seconds);
        });

    /// <summary>Scores some of the shards, for an evaluation that several processes share: any number of them at once.</summary>
    /// <returns>Shards scored, and shards whose answers were there.</returns>
    /// <exception cref="FileNotFoundException">There is no model, or a shard is missing.</exception>
    internal (int Scored, int Kept) EvaluatePart(ShardSelection selection) =>
        InFolder(() =>
        {
            RequireModel();
            return EvaluateStage.RunPart(this, selection);
        });

    /// <summary>
    /// All stages; none where the model is there already, of this definition and evaluated. A finished model of another definition is only
    /// replaced with <see cref="PipelineSettings.Force"/>, and not before everything of the new one is there.
    /// </summary>
    /// <param name="complete">
    /// Writes what else belongs to the model into the folder it is given: its report, which is <c>GlifMl.Reporting</c>'s. Null: nothing.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// The folder holds another definition's model, and <see cref="PipelineSettings.Force"/> is not set.
    /// </exception>
    public PipelineMetrics Run(Action<ModelDirectory>? complete = null) => InFolder(() => RunThere(complete));

    private PipelineMetrics RunThere(Action<ModelDirectory>? complete)
    {
        var (isThere, finished) = Folder.Look();
        if (finished is not null)
            return Reuse(finished, complete);
        RunNeeds.Check(this, generates: true);
        var start = Stopwatch.GetTimestamp();
        Generate();
        var seconds = new StageSeconds(Stopwatch.GetElapsedTime(start).TotalSeconds);
        // Shards may be made by any number of runs at once, a model by one; and another run may have finished it by now.
        using var alone = FolderLock.Take(Model);
        (isThere, finished) = Folder.Look();
        if (finished is not null)
            return Reuse(finished, complete);
        var work = Model;
        if (isThere && !Settings.Force)
        {
            SayReused(Model.Onnx);
            Folder.Keep(work);
        }
        else
        {
            work = Folder.Begin(isThere);
            seconds = TrainStage.Run(this, work) with { Generate = seconds.Generate };
        }

        var metrics = EvaluateStage.Run(this, work, seconds);
        complete?.Invoke(work);
        Folder.End(work);
        return metrics;
    }

    /// <summary>The figures of a model that this very definition trained, and that was evaluated since; null where there is none.</summary>
    /// <exception cref="InvalidDataException">metrics.json is damaged.</exception>
    internal PipelineMetrics? Finished() => Folder.Finished();

    private void RequireModel()
    {
        if (!Folder.Look().IsThere)
            throw new FileNotFoundException(
                $"{Model.Onnx}: found no such file; expected the model, which `glifml train` writes",
                Model.Onnx
            );
    }

    private PipelineMetrics Reuse(PipelineMetrics finished, Action<ModelDirectory>? complete)
    {
        SayReused(Invariant.Text($"{Model.Path}, score {finished.Test.MseScaled:F4}"));
        if (File.GetLastWriteTimeUtc(Model.ReportPage) < File.GetLastWriteTimeUtc(Model.Metrics))
            complete?.Invoke(Model);
        return finished;
    }

    /// <summary>Says that nothing is run, because it is there.</summary>
    internal void SayReused(string what)
    {
        Settings.Listener?.StageStarted("reuse");
        Settings.Listener?.StageEnded(what);
    }

    /// <summary>Does something in the model's folder: one in S3 is fetched before, and put afterwards, whatever becomes of it.</summary>
    private T InFolder<T>(Func<T> work)
    {
        if (_inS3 is not { } remote || !Settings.IsFirst)
            return work();
        remote.Fetch();
        try
        {
            return work();
        }
        finally
        {
            remote.Put();
        }
    }
}
