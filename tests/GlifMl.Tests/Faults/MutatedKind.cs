using System.Security.Cryptography;
using System.Text;
using GlifMl.Cli;
using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Torch;

namespace GlifMl.Tests.Faults;

/// <summary>A kind of file that the program reads: whole ones, how they are damaged, and what reads them.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Seeds">Whole files, each with the name under which it is read.</param>
/// <param name="Damage">A damaged copy.</param>
/// <param name="Read">Reads a file as a command does; the exit code, and what is said.</param>
internal sealed record MutatedKind(
    string Name,
    Func<TempFolder, IReadOnlyList<(string Name, byte[] Whole)>> Seeds,
    Func<byte[], Random, byte[]> Damage,
    Func<string, (int Code, string Error)> Read
)
{
    // Bytes of an ABF file before its data, and of an IBW file.
    private const int AbfHeader = 6144,
        IgorHeader = 384;

    private const int CheckpointHead = 8 + SHA256.HashSizeInBytes;

    private static readonly short[][] Sweeps = [.. Enumerable.Range(0, 2).Select(RecordingFixtures.Volts)];

    public static IReadOnlyList<MutatedKind> All { get; } =
    [
        new("definition", _ => Definitions(), Mutation.Text, Inspect),
        new("run list", _ => [Definition(Glifml.Path("pipelines/observations.yaml"))], Mutation.Text, Inspect),
        new("sweep", _ => [Sweep()], Mutation.Text, path => Load(() => PipelineSweep.Load(path, [], new PipelineSettings()))),
        new("neuron", _ => [.. Directory.GetFiles(Glifml.Path("datasets/neurons"), "*.json").Select(At)], Mutation.Text, Inspect),
        new("csv", _ => Tables(), Mutation.Text, Inspect),
        new("atf", _ => [Atf()], Mutation.Text, Inspect),
        new("nwb1", _ => [At(RecordingFixtures.Nwb("nwb1-allen"))], Hdf5, Inspect),
        new(
            "nwb2",
            _ => [At(RecordingFixtures.Nwb("nwb2-sweep-table")), At(RecordingFixtures.Nwb("nwb2-recordings-table"))],
            Hdf5,
            Inspect
        ),
        new("abf1", _ => [("a.abf", RecordingFixtures.Abf1(Sweeps))], (whole, random) => Header(whole, random, AbfHeader), Inspect),
        new("abf2", _ => [("b.abf", RecordingFixtures.Abf2(Sweeps))], (whole, random) => Header(whole, random, AbfHeader), Inspect),
        new("igor", _ => [Igor()], (whole, random) => Header(whole, random, IgorHeader), Inspect),
        new("shard", folder => [Shard(folder)], Parquet, path => Load(() => ReadShard(path))),
        new("manifest", folder => [ManifestOf(folder)], Mutation.Text, path => Load(() => Manifest.Load(Path.GetDirectoryName(path)!))),
        new("model", _ => Models(), Model, path => Load(() => Score(path))),
        new(
            "metrics",
            _ => [At(Glifml.Path("models/flagship/metrics.json"))],
            Mutation.Text,
            path => Load(() => PipelineMetrics.Load(path))
        ),
        new("checkpoint", folder => [("last.ckpt", CheckpointOf(folder))], Sealed, path => Load(() => Checkpoint.Load(path, "run"))),
        new("submission", SubmissionOf, Mutation.Text, path => Load(() => Submission.Load(Path.GetDirectoryName(path)!))),
    ];

    /// <summary>What is wrong with how a file was answered; null: nothing.</summary>
    public static string? Complaint(int code, string error) =>
        code is not (0 or 1 or 2) ? $"exit code {code}"
        : code == 0 ? null
        : error.Split('\n', StringSplitOptions.RemoveEmptyEntries) is var lines
        && (lines.Length == 0 || lines.Any(line => !line.StartsWith("glifml: ", StringComparison.Ordinal)))
            ? $"not told in lines of ours: {error}"
        : error.Contains("not foreseen", StringComparison.Ordinal) ? error
        : error.Any(c => char.IsControl(c) && c != '\n') ? $"signs that a terminal obeys: {error}"
        : null;

    private static (int, string) Inspect(string path) => Glifml.Run("inspect", path) is var run ? (run.Code, run.Error) : default;

    /// <summary>Reads as a command would that says what an exception means.</summary>
    private static (int, string) Load(Action load)
    {
        try
        {
            load();
            return (0, "");
        }
        catch (Exception e)
        {
            using StringWriter error = new();
            return (Failure.Report(e, error, verbose: false), error.ToString());
        }
    }

    private static void ReadShard(string path)
    {
        var view = ShardDataView.Open(path);
        using var cursor = view.GetRowCursor(view.Schema);
        var voltage = cursor.GetGetter<Microsoft.ML.Data.VBuffer<float>>(view.Schema["VoltageMv"]);
        Microsoft.ML.Data.VBuffer<float> row = default;
        while (cursor.MoveNext())
            voltage(ref row);
    }

    private static void Score(string path)
    {
        using var model = OnnxModel.Load(path, new OnnxModelOptions { Engine = OnnxEngine.Steady, Threads = 1 });
        var samples = model.Info.Samples;
        if (samples > 1 << 20)
            return;
        var stimulus = model.Info.Inputs.Count > 1 ? new float[samples] : [];
        model.Score(new float[samples], stimulus, new float[model.Info.Known.Count]);
    }

    private static byte[] Hdf5(byte[] whole, Random random) =>
        random.Next(2) == 0 ? Mutation.Bytes(whole, random) : HeaderMutation.Hdf5(whole, random);

    private static byte[] Header(byte[] whole, Random random, int length) =>
        random.Next(2) == 0
            ? Mutation.Bytes(whole, random, (0, (double)length / whole.Length))
            : HeaderMutation.Aligned(whole, random, length);

    private static byte[] Parquet(byte[] whole, Random random) =>
        random.Next(3) == 0 ? Mutation.Bytes(whole, random, (0.75, 1)) : ParquetMutation.Of(whole, random);

    private static byte[] Model(byte[] whole, Random random) =>
        random.Next(4) == 0 ? Mutation.Bytes(whole, random) : ProtobufMutation.Of(whole, random);

    /// <summary>With a hash that vouches for the damage.</summary>
    private static byte[] Sealed(byte[] whole, Random random)
    {
        if (random.Next(4) == 0)
            return Mutation.Bytes(whole, random);
        var content = Mutation.Bytes(whole[CheckpointHead..], random);
        return [.. whole.AsSpan(0, CheckpointHead - SHA256.HashSizeInBytes), .. SHA256.HashData(content), .. content];
    }

    private static (string, byte[]) At(string path) => (Path.GetFileName(path), File.ReadAllBytes(path));

    /// <summary>One that the kernel runs a part of, and one that it does not.</summary>
    private static List<(string, byte[])> Models() =>
        [("flagship.onnx", At(Glifml.Path("models/flagship/model.onnx")).Item2), At(Glifml.Path("models/recordings/model.onnx"))];

    private static List<(string, byte[])> Definitions() =>
        [
            .. Directory.GetFiles(Glifml.Path("pipelines"), "*.yaml").Where(IsDefinition).Select(Definition),
            .. Directory.GetFiles(Glifml.Path("pipelines/baselines"), "quickstart-*.yaml").Select(Definition),
        ];

    private static bool IsDefinition(string path) =>
        !RunList.IsRunList(path) && !File.ReadAllText(path).Contains("sweep:", StringComparison.Ordinal);

    /// <summary>A definition that finds what it names from the folder of the tests.</summary>
    private static (string, byte[]) Definition(string path)
    {
        var text = File.ReadAllText(path)
            .Replace("../datasets", Glifml.Path("datasets"), StringComparison.Ordinal)
            .Replace("observations/", Glifml.Path("pipelines/observations/"), StringComparison.Ordinal)
            .Replace("extends: ", $"extends: {Path.GetDirectoryName(path)}/", StringComparison.Ordinal);
        return (Path.GetFileName(path), Encoding.UTF8.GetBytes(text));
    }

    private static (string, byte[]) Sweep() =>
        (
            "sweep.yaml",
            Encoding.UTF8.GetBytes(
                $$$"""
                extends: {{{Glifml.Path("pipelines/quickstart.yaml")}}}
                name: sweep
                sweep: {search: halving, trials: 8, minutes: 30}
                pipeline:
                  - scale-targets: {C: log, R_input: log}
                  - scale-trace: {mode: asinh, scale: {sweep: [[3], [1], [10]]}}
                  - bilstm:
                      hidden: {sweep: [3, 5, 8, 16]}
                      epochs: 3
                      learning_rate: {sweep: {min: 1e-3, max: 1e-1, scale: log}}
                """
            )
        );

    private static List<(string, byte[])> Tables() =>
        [
            .. Directory
                .GetFiles(Glifml.Path("datasets/recordings"), "*.csv")
                .Select(path => (Path.GetFileName(path), Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(path).Take(200))))),
            .. Directory
                .GetFiles(Glifml.Path("datasets/stimuli"), "*.csv")
                .Select(path => (Path.GetFileName(path), Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(path).Take(200))))),
        ];

    private static (string, byte[]) Atf()
    {
        var rows = Enumerable.Range(0, 100).Select(n => Invariant.Text($"{n * 0.1:F1}\t{-70 + (n % 7)}\t{(n > 50 ? 100 : 0)}"));
        var text =
            "ATF\t1.0\n1\t3\n\"AcquisitionMode=Episodic Stimulation\"\n\"Time (ms)\"\t\"Trace #1 (mV)\"\t\"Trace #1 (pA)\"\n"
            + string.Join('\n', rows);
        return ("sweep.atf", Encoding.UTF8.GetBytes(text));
    }

    private static (string, byte[]) Igor() => ("a.ibw", RecordingFixtures.Igor([.. Sweeps[0].Select(v => (double)v)], "millivolt"));

    private static DatasetPlan Generate(TempFolder folder)
    {
        var plan = HashedTraces.Plan(folder["whole"], tracesPerShard: 20);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(16), 20), plan);
        return plan;
    }

    /// <summary>Alone, without the hash and the manifest that vouch for the whole.</summary>
    private static (string, byte[]) Shard(TempFolder folder) =>
        At(Directory.GetFiles(Generate(folder).SplitDirectory, "*.parquet").Single());

    private static (string, byte[]) ManifestOf(TempFolder folder) => At(Path.Combine(Generate(folder).SplitDirectory, Manifest.FileName));

    private static byte[] CheckpointOf(TempFolder folder)
    {
        var checkpoint = new Checkpoint
        {
            Fingerprint = "run",
            History = [],
            BestEpoch = 1,
            Steps = 7,
            State =
            [
                [1, 2, 3, 4],
                [5, 6, 7, 8, 9, 10, 11, 12],
            ],
            BestState =
            [
                [1, 2, 3, 4],
                [],
            ],
            FirstMoments =
            [
                [1, 2],
            ],
            SecondMoments =
            [
                [3, 4],
            ],
        };
        checkpoint.Save(folder["whole.ckpt"]);
        return File.ReadAllBytes(folder["whole.ckpt"]);
    }

    private static List<(string, byte[])> SubmissionOf(TempFolder folder)
    {
        string[] words = ["submit", Glifml.Path("pipelines/quickstart.yaml"), "--tasks", "4", "--dry-run"];
        var run = Glifml.Run([.. words, "--scripts", folder.Path, "--output", folder["model"], "--data", folder["shards"]]);
        return run.Code == 0 ? [At(folder[SubmissionFile.FileName])] : throw new InvalidOperationException(run.Error);
    }
}
