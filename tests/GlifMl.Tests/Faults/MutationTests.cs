using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using GlifMl.Datasets;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Torch;
using Xunit.Abstractions;

namespace GlifMl.Tests.Faults;

/// <summary>
/// Files of every kind that the program reads, damaged: each is read, or refused in lines that say so, within seconds, and in memory that
/// its size explains. <c>GLIFML_MUTATIONS=100000</c> makes a night of it; what fails is kept in the system's folder for temporary files.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output) : IDisposable
{
    // What hangs, hangs for ever; a busy machine may take its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Allocated over the whole of a reading, not held at once: pages of a shard are decoded one after the other.
    private const long MostBytes = 1L << 30;

    private static readonly string[] Kinds =
    [
        "definition",
        "run list",
        "neuron",
        "recording",
        "atf",
        "nwb1",
        "nwb2",
        "abf1",
        "abf2",
        "igor",
        "shard",
        "manifest",
        "model",
        "checkpoint",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> AllKinds => [.. Kinds];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Read_DamagedFile_IsReadOrRefusedInLines(string kind)
    {
        var seeds = Seeds(kind);
        Random random = new(FaultOptions.Seed + Array.IndexOf(Kinds, kind));
        var (read, refused, slowest, most) = (0, 0, TimeSpan.Zero, 0L);
        for (var trial = 0; trial < (FaultOptions.Mutations / Kinds.Length) + 1; trial++)
        {
            var (name, whole) = seeds[random.Next(seeds.Count)];
            var path = _folder[name];
            var damaged = Damage(kind, whole, random);
            File.WriteAllBytes(path, damaged);
            var (code, error, took, bytes) = Inspect(kind, path);
            (slowest, most) = (took > slowest ? took : slowest, Math.Max(most, bytes));
            _ = code == 0 ? read++ : refused++;
            if (Complaint(code, error, took, bytes) is { } complaint)
            {
                var kept = Path.Combine(Path.GetTempPath(), $"glifml-mutation-{kind}-{FaultOptions.Seed}-{trial}-{name}");
                File.WriteAllBytes(kept, damaged);
                Assert.Fail($"{kind}, trial {trial}, kept as {kept}: {complaint}");
            }
        }

        output.WriteLine(
            $"{kind}: {read} read, {refused} refused, slowest {slowest.TotalMilliseconds:F0} ms, most {most / 1e6:F0} MB allocated"
        );
        Assert.NotEqual(0, refused);
    }

    private static string? Complaint(int? code, string error, TimeSpan took, long bytes) =>
        code is null ? $"found no end within {Patience.TotalSeconds} s"
        : code is not (0 or 1 or 2) ? $"exit code {code}"
        : code == 0 ? null
        : error.Split('\n', StringSplitOptions.RemoveEmptyEntries) is var lines
        && (lines.Length == 0 || lines.Any(line => !line.StartsWith("glifml: ", StringComparison.Ordinal)))
            ? $"not told in lines of ours: {error}"
        : error.Contains("not foreseen", StringComparison.Ordinal) ? error
        : error.Any(c => char.IsControl(c) && c != '\n') ? $"signs that a terminal obeys: {error}"
        : bytes > MostBytes ? $"allocated {bytes / 1e6:F0} MB: {error}"
        : took > Patience / 2 ? $"took {took.TotalSeconds:F0} s: {error}"
        : null;

    private (int? Code, string Error, TimeSpan Took, long Bytes) Inspect(string kind, string path)
    {
        var (code, error, bytes) = ((int?)null, "", 0L);
        var reader = new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            (code, error) = kind switch
            {
                "checkpoint" => Load(() => Checkpoint.Load(path, "run")),
                "manifest" => Load(() => Manifest.Load(Path.GetDirectoryName(path)!)),
                _ => Glifml.Run("inspect", path) is var run ? (run.Code, run.Error) : default,
            };
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        })
        {
            IsBackground = true,
        };
        var watch = Stopwatch.StartNew();
        reader.Start();
        reader.Join(Patience);
        return (code, error, watch.Elapsed, bytes);
    }

    private static (int Code, string Error) Load(Action load)
    {
        try
        {
            load();
            return (0, "");
        }
        catch (InvalidDataException e)
        {
            return (2, $"glifml: {e.Message}");
        }
    }

    private static byte[] Damage(string kind, byte[] whole, Random random)
    {
        switch (kind)
        {
            case "definition" or "run list" or "neuron" or "recording" or "atf" or "manifest":
                return Mutation.Text(whole, random);
            case "shard":
                return Mutation.Bytes(whole, random, (0.75, 1));
            case "abf1" or "abf2":
                return Mutation.Bytes(whole, random, (0, 6144.0 / whole.Length));
            case "checkpoint" when random.Next(4) > 0:
                // With a hash that vouches for the damage.
                var content = Mutation.Bytes(whole[CheckpointHead..], random);
                return [.. whole.AsSpan(0, CheckpointHead - SHA256.HashSizeInBytes), .. SHA256.HashData(content), .. content];
            default:
                return Mutation.Bytes(whole, random);
        }
    }

    private static int CheckpointHead => 8 + SHA256.HashSizeInBytes;

    private List<(string Name, byte[] Whole)> Seeds(string kind)
    {
        static (string, byte[]) At(string path) => (Path.GetFileName(path), File.ReadAllBytes(Glifml.Path(path)));
        short[][] sweeps = [.. Enumerable.Range(0, 2).Select(RecordingFixtures.Volts)];
        return kind switch
        {
            "definition" =>
            [
                .. Directory
                    .GetFiles(Glifml.Path("pipelines"), "*.yaml")
                    .Where(path => !path.EndsWith("observations.yaml"))
                    .Select(Definition),
                .. Directory.GetFiles(Glifml.Path("pipelines/baselines"), "quickstart-*.yaml").Select(Definition),
            ],
            "run list" => [Definition(Glifml.Path("pipelines/observations.yaml"))],
            "neuron" => [.. Directory.GetFiles(Glifml.Path("datasets/neurons"), "*.json").Select(At)],
            "recording" =>
            [
                .. Directory
                    .GetFiles(Glifml.Path("datasets/recordings"), "*.csv")
                    .Select(path => (Path.GetFileName(path), Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(path).Take(200))))),
            ],
            "atf" =>
            [
                (
                    "sweep.atf",
                    Encoding.UTF8.GetBytes(
                        "ATF\t1.0\n1\t3\n\"AcquisitionMode=Episodic Stimulation\"\n\"Time (ms)\"\t\"Trace #1 (mV)\"\t\"Trace #1 (pA)\"\n"
                            + string.Join(
                                '\n',
                                Enumerable.Range(0, 100).Select(n => $"{n * 0.1:F1}\t{-70 + (n % 7)}\t{(n > 50 ? 100 : 0)}")
                            )
                    )
                ),
            ],
            "nwb1" => [("a.nwb", File.ReadAllBytes(RecordingFixtures.Nwb("nwb1-allen")))],
            "nwb2" =>
            [
                ("b.nwb", File.ReadAllBytes(RecordingFixtures.Nwb("nwb2-sweep-table"))),
                ("c.nwb", File.ReadAllBytes(RecordingFixtures.Nwb("nwb2-recordings-table"))),
            ],
            "abf1" => [("a.abf", RecordingFixtures.Abf1(sweeps))],
            "abf2" => [("b.abf", RecordingFixtures.Abf2(sweeps))],
            "igor" => [("a.ibw", RecordingFixtures.Igor([.. sweeps[0].Select(v => (double)v)], "millivolt"))],
            "shard" or "manifest" => Shards(kind),
            "model" => [("model.onnx", File.ReadAllBytes(Glifml.Path("models/flagship/model.onnx")))],
            _ => [("last.ckpt", CheckpointBytes())],
        };
    }

    /// <summary>A definition that finds what it names from the folder of the tests.</summary>
    private static (string, byte[]) Definition(string path)
    {
        var text = File.ReadAllText(path)
            .Replace("../datasets", Glifml.Path("datasets"), StringComparison.Ordinal)
            .Replace("observations/", Glifml.Path("pipelines/observations/"), StringComparison.Ordinal)
            .Replace("extends: ", $"extends: {Path.GetDirectoryName(path)}/", StringComparison.Ordinal);
        return (Path.GetFileName(path), Encoding.UTF8.GetBytes(text));
    }

    private List<(string, byte[])> Shards(string kind)
    {
        var plan = HashedTraces.Plan(_folder["whole"], tracesPerShard: 20);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(16), 20), plan);
        // Alone, without the hash and the manifest that vouch for the whole.
        var shard = Directory.GetFiles(plan.SplitDirectory, kind == "shard" ? "*.parquet" : Manifest.FileName).Single();
        return [(Path.GetFileName(shard), File.ReadAllBytes(shard))];
    }

    private byte[] CheckpointBytes()
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
        checkpoint.Save(_folder["whole.ckpt"]);
        return File.ReadAllBytes(_folder["whole.ckpt"]);
    }
}
