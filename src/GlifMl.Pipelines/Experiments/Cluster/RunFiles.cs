using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>What of a run is there, told by names of files alone: nothing is read, and so nothing is checked.</summary>
internal sealed class RunFiles(Pipeline pipeline)
{
    private readonly Lazy<IReadOnlyList<(DatasetPlan Plan, long Traces)>> _splits = new(() => GenerateStage.Plans(pipeline));

    /// <summary>The model's folder.</summary>
    public ModelDirectory Model => pipeline.Model;

    /// <summary>The same as commands name it: one in S3 is fetched and put by each.</summary>
    public string Folder => S3Address.Is(pipeline.Output) ? pipeline.Output : Model.Path;

    /// <summary>Hash of the dataset's definition.</summary>
    public string DataHash => pipeline.DataHash;

    /// <summary>Shards of the largest split.</summary>
    public long MostShards => _splits.Value.Max(split => split.Plan.ShardCount(split.Traces));

    /// <summary>How many shards there are.</summary>
    public ClusterProgress Shards
    {
        get
        {
            var all = _splits.Value.Sum(split => (long)split.Plan.ShardCount(split.Traces));
            return new(all - _splits.Value.Sum(split => (long)DatasetGenerator.Missing(split.Plan, split.Traces).Count), all, "shards");
        }
    }

    /// <summary>How many splits are complete.</summary>
    public ClusterProgress Manifests =>
        new(_splits.Value.Count(split => split.Plan.Files.Exists(Manifest.FileName)), _splits.Value.Count, "splits");

    /// <summary>Networks of an ensemble; null: there is none.</summary>
    public int? Members => pipeline.Definition.Ensemble;

    /// <summary>Those of them that have not been through all epochs, by their logs; none once the model is there.</summary>
    public IReadOnlyList<int> MembersMissing =>
        HasModel || Members is not { } members
            ? []
            : [.. EnsembleMember.All(pipeline.Definition, members).Where(member => !IsTrained(member)).Select(member => member.Number)];

    /// <summary>Whether the model is there: whichever definition it is of, since that is looked after when it is submitted.</summary>
    public bool HasModel => File.Exists(Model.Onnx);

    /// <summary>Whether its figures are there, and newer.</summary>
    public bool HasMetrics => HasModel && IsNewer(Model.Metrics, Model.Onnx);

    /// <summary>Shards of the larger split that is evaluated.</summary>
    public int MostEvaluated => EvaluateStage.EvaluatedShards(pipeline).Max(shards => shards.Count);

    /// <summary>How many shards are scored for the evaluation; all of them once it is done.</summary>
    public ClusterProgress Scored
    {
        get
        {
            string[] shards = [.. EvaluateStage.EvaluatedShards(pipeline).SelectMany(split => split)];
            return new(HasMetrics ? shards.Length : shards.Count(IsScored), shards.Length, "shards");
        }
    }

    /// <summary>Of so many parts, those in which a shard is not scored, ascending.</summary>
    public IReadOnlyList<int> PartsNotScored(int parts) =>
        HasMetrics
            ? []
            :
            [
                .. EvaluateStage
                    .EvaluatedShards(pipeline)
                    .SelectMany(split => split.Index().Where(shard => !IsScored(shard.Item)).Select(shard => shard.Index % parts))
                    .Distinct()
                    .Order(),
            ];

    /// <summary>Whether its report is there, and newer.</summary>
    public bool HasReport => HasMetrics && IsNewer(Model.ReportPage, Model.Metrics);

    /// <summary>Of so many parts, those in which a shard is missing, ascending.</summary>
    public IReadOnlyList<int> PartsMissing(int parts) =>
        [
            .. _splits
                .Value.SelectMany(split => DatasetGenerator.Missing(split.Plan, split.Traces))
                .Select(shard => shard % parts)
                .Distinct()
                .Order(),
        ];

    // A task may be writing the last line; one that ends early for want of progress is begun again, and has nothing to do.
    private bool IsTrained(EnsembleMember member) =>
        new ModelDirectory(member.FolderIn(Model.Path)).TrainingLog is var log
        && File.Exists(log)
        && pipeline.Definition.Steps[^1].Options is TrainerOptions options
        && File.ReadLines(log).Count(line => line.EndsWith('}')) >= options.Epochs;

    private bool IsScored(string shard) => HasModel && IsNewer(EvaluatedParts.PathOf(Model.Evaluated, shard), Model.Onnx);

    private static bool IsNewer(string path, string than) =>
        File.Exists(path) && File.GetLastWriteTimeUtc(path) >= File.GetLastWriteTimeUtc(than);
}
