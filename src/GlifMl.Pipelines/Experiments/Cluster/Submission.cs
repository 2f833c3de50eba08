using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GlifMl.Pipelines;

/// <summary>How definitions are submitted.</summary>
/// <param name="Tasks">Tasks of an array, at most; null: one a shard or a run, up to what Slurm takes by default.</param>
/// <param name="Processes">Processes that train a definition together; null: one.</param>
/// <param name="Resources">What each task is given.</param>
/// <param name="Resume">Whether only what is missing is run, and trainings go on from their checkpoints.</param>
/// <param name="Program">The words that start the program.</param>
/// <param name="Folder">Where the scripts go; null: a folder of the submission's name in <see cref="Submission.Root"/>.</param>
internal sealed record SubmissionSettings(
    int? Tasks,
    int? Processes,
    ClusterResources Resources,
    bool Resume,
    IReadOnlyList<string> Program,
    string? Folder
);

/// <summary>
/// Definitions on their way through a cluster: a folder with the definitions as they were when they were submitted, a script a job, and
/// <c>submission.json</c>, which says what they make.
/// </summary>
internal sealed class Submission
{
    /// <summary>The folder of all submissions, in the working directory.</summary>
    public const string Root = "slurm";

    // Slurm's MaxArraySize is 1001 unless someone raised it.
    private const int MostTasks = 1000;

    private readonly SubmissionFile _file;

    private Submission(string folder, SubmissionFile file, IReadOnlyList<Pipeline> pipelines, int? processes = null, bool resume = false)
    {
        (Folder, _file) = (folder, file);
        RunFiles[] runs = [.. pipelines.Select(pipeline => new RunFiles(pipeline))];
        Jobs = file.Finish is { } finish
            ? ClusterJobs.Of(runs, file.Tasks, finish)
            : ClusterJobs.Of(runs[0], new(file.Tasks, processes, resume));
    }

    private Submission(Submission other, SubmissionFile file) => (Folder, _file, Jobs) = (other.Folder, file, other.Jobs);

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>The name that all its jobs have.</summary>
    public string Name => _file.Name;

    /// <summary>Its jobs, in order.</summary>
    public IReadOnlyList<ClusterJob> Jobs { get; }

    /// <summary>The id of each job that was submitted, by its stage.</summary>
    public IReadOnlyDictionary<string, string> Ids => _file.Jobs;

    /// <summary>The jobs that have something to do, each with its script and the tasks of it; empty of one that was loaded.</summary>
    public IReadOnlyList<(ClusterJob Job, string File, IReadOnlyList<int> Tasks)> Submitted { get; private init; } = [];

    /// <summary>Ends all its jobs.</summary>
    public string Cancel => SlurmScript.CancelOf(Name);

    /// <summary>Prepares the stages of a definition.</summary>
    /// <exception cref="InvalidDataException">The model's folder holds another definition's model.</exception>
    public static Submission Of(Pipeline pipeline, SubmissionSettings settings)
    {
        pipeline.Folder.Look();
        var most = new RunFiles(pipeline).MostShards;
        var name = NameOf(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(pipeline.Model.Path))), [pipeline]);
        var folder = settings.Folder ?? Path.Combine(Root, name);
        var tasks = settings.Tasks ?? (int)Math.Min(most, MostTasks);
        var file = new SubmissionFile(name, tasks, [ClusterJobs.SingleFile], null, new Dictionary<string, string>());
        return new Submission(folder, file, [pipeline], settings.Processes, settings.Resume).Write([pipeline], settings);
    }

    /// <summary>Prepares many runs.</summary>
    /// <param name="plan">The runs.</param>
    /// <param name="called">What they are called together.</param>
    /// <param name="finish">From the submission's folder, the words of the command that takes all runs over and writes the table.</param>
    /// <param name="settings">How.</param>
    public static Submission Of(RunPlan plan, string called, Func<string, IReadOnlyList<string>> finish, SubmissionSettings settings)
    {
        Pipeline[] pipelines = [.. Enumerable.Range(0, plan.Runs.Count).Select(plan.Pipeline)];
        var name = NameOf(called, pipelines);
        var folder = settings.Folder ?? Path.Combine(Root, name);
        string[] definitions = [.. plan.Runs.Index().Select(run => Invariant.Text($"runs/{run.Index}-{Plain(run.Item.Name)}.yaml"))];
        var tasks = settings.Tasks ?? Math.Min(plan.Runs.Count, MostTasks);
        var file = new SubmissionFile(name, tasks, definitions, finish(folder), new Dictionary<string, string>());
        return new Submission(folder, file, pipelines).Write(pipelines, settings);
    }

    /// <summary>Reads one that was prepared.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="InvalidDataException">It holds none.</exception>
    public static Submission Load(string folder)
    {
        var path = Path.Combine(folder, SubmissionFile.FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{folder}: found no {SubmissionFile.FileName}; expected a folder that `glifml submit` made");
        SubmissionFile? file = null;
        try
        {
            file = JsonSerializer.Deserialize<SubmissionFile>(File.ReadAllText(path), SubmissionFile.Options);
        }
        catch (JsonException) { }

        if (file is null || file.Definitions.Count == 0)
            throw new InvalidDataException($"{path}: found no submission; expected what `glifml submit` wrote: submit again");
        return new(folder, file, [.. file.Definitions.Select(d => new Pipeline(Pipeline.Load(Path.Combine(folder, d))))]);
    }

    /// <summary>Hands the jobs that have something to do to Slurm.</summary>
    /// <returns>The submission with its jobs' ids.</returns>
    /// <exception cref="InvalidOperationException">There is no Slurm, or it refuses; then no job is left in the queue.</exception>
    /// <exception cref="InvalidDataException">Jobs of the same submission are in the queue.</exception>
    public Submission Submit()
    {
        if (Slurm.Unfinished(Name) is > 0 and var tasks)
            throw new InvalidDataException(
                $"{Folder}: found {tasks} task(s) of this submission in the queue; expected none: wait for their end, or `{Cancel}`"
            );
        var ids = Slurm.Submit(Path.Combine(Folder, SlurmScript.SubmitFile));
        var file = _file with { Jobs = ids };
        file.Save(Folder);
        return new(this, file) { Submitted = Submitted };
    }

    private static string NameOf(string called, IEnumerable<Pipeline> pipelines)
    {
        // Submissions of one name into other folders do not meet, and one that is resumed meets itself.
        var models = string.Join('\n', pipelines.Select(pipeline => Path.GetFullPath(pipeline.Model.Path)));
        return $"{Plain(called)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(models)))[..8]}";
    }

    // What every file system, bash and Slurm take as it is.
    private static string Plain(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));

    private Submission Write(IReadOnlyList<Pipeline> pipelines, SubmissionSettings settings)
    {
        foreach (var (pipeline, file) in pipelines.Zip(_file.Definitions))
        {
            var path = Path.GetFullPath(Path.Combine(Folder, file));
            var definition = pipeline.Definition with { Output = pipeline.Output, Data = S3Address.FullPath(pipeline.DataDirectory) };
            AtomicFile.WriteAllText(path, DefinitionWriter.ToYaml(definition, Path.GetDirectoryName(path)));
        }

        var script = new SlurmScript(Name, Path.GetFullPath(Folder), Environment.CurrentDirectory, settings.Program, settings.Resources);
        var submitted = new List<(ClusterJob Job, string File, IReadOnlyList<int> Tasks)>();
        foreach (var (job, index) in Jobs.Select((job, index) => (job, index)))
        {
            var (file, missing) = (SlurmScript.FileOf(index, job), settings.Resume ? job.Missing() : job.All);
            AtomicFile.WriteAllText(Path.Combine(Folder, file), script.Of(file, job, missing.Count > 0 ? missing : job.All));
            if (missing.Count > 0)
                submitted.Add((job, file, missing));
        }

        AtomicFile.WriteAllText(
            Path.Combine(Folder, SlurmScript.SubmitFile),
            script.Submit([.. submitted.Select(job => (job.Job.Stage, job.File))])
        );
        Directory.CreateDirectory(Path.Combine(Folder, SlurmScript.Logs));
        _file.Save(Folder);
        return new(this, _file) { Submitted = submitted };
    }
}

/// <summary>What <c>submission.json</c> says.</summary>
/// <param name="Name">The name that all jobs have.</param>
/// <param name="Tasks">Tasks of an array, at most.</param>
/// <param name="Definitions">The definitions, relative to the folder: one, or one a run.</param>
/// <param name="Finish">The words of the command that takes all runs over; null of a single definition.</param>
/// <param name="Jobs">The id of each job that was submitted last, by its stage.</param>
internal sealed record SubmissionFile(
    string Name,
    int Tasks,
    IReadOnlyList<string> Definitions,
    IReadOnlyList<string>? Finish,
    IReadOnlyDictionary<string, string> Jobs
)
{
    public const string FileName = "submission.json";

    /// <summary>A file that lacks something is not read as one that has nothing.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(Json.Options) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public void Save(string folder) => AtomicFile.WriteAllText(Path.Combine(folder, FileName), Json.ToText(this));
}
