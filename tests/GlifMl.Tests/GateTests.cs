using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GlifMl.Datasets;
using GlifMl.Onnx.Protos;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;
using GlifMl.Tests.Datasets;
using GlifMl.Tests.Torch;
using Google.Protobuf;

namespace GlifMl.Tests;

/// <summary>
/// What the program writes is, to the byte, what was approved in Approved/gate.txt, so that a change that is meant to change nothing
/// changes nothing. The quickstart and the case study run at a small size. GLIFML_APPROVE=1 dotnet test --filter GateTests approves what
/// they give, and git diff shows what moved.
/// </summary>
/// <remarks>
/// <para>
/// Shards, definitions and the schema are the same everywhere. What a network learns rests on the SIMD kernel, on the code that libm and
/// OnnxRuntime have for the processor, and on the number of threads, so its lines stand under the machine's name; where that is not among
/// the approved ones they are skipped.
/// </para>
/// <para>
/// At full size the same is done by hand, at the commit before and at the one after, in two clones:
/// <c>glifml run pipelines/quickstart.yaml</c> and <c>glifml run pipelines/case-study.yaml</c>, then
/// <c>sha256sum datasets/shards/*/*/*.parquet models/{quickstart,case-study}/{model.onnx,pipeline.yaml}</c> and
/// <c>jq -S 'del(.seconds, .peakMemoryMiB)' models/{quickstart,case-study}/metrics.json</c>. <c>diff</c> finds nothing between the two.
/// </para>
/// </remarks>
[Collection(TorchTests.Name)]
public sealed class GateTests : IDisposable
{
    private const string Everywhere = "everywhere";
    private static readonly string Approved = Glifml.Path("tests/GlifMl.Tests/Approved/gate.txt");

    private static readonly (string Name, string[] Set)[] Reduced =
    [
        (
            "quickstart",
            [
                "dataset.trace={samples: 1000, simulate: 1250, dt: live, spike_cut: time, spike_cuts: keep, stimulus: true}",
                "dataset.splits.train.traces=96",
                "dataset.splits.validation.traces=16",
                "dataset.splits.test.traces=32",
                "dataset.shard_rows=40",
                "pipeline.bilstm.epochs=2",
                "pipeline.bilstm.warm_up_steps=2",
            ]
        ),
        (
            "case-study",
            [
                "dataset.trace.samples=3000",
                "dataset.trace.simulate=3120",
                "dataset.splits.train.traces=48",
                "dataset.splits.validation.traces=16",
                "dataset.splits.test.traces=64",
                "pipeline.bilstm.epochs=2",
            ]
        ),
    ];

    // Which engine is the faster one, and with it the last digits, is measured.
    private static readonly string[] Engine = ["--engine", "onnxruntime"];

    private readonly TempFolder _folder = new();

    /// <summary>What the last digits of a network rest on.</summary>
    internal static string Machine { get; } =
        $"{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier} {Processor()} {Kernel()} "
        + $"{Environment.ProcessorCount} threads";

    private static bool Approves => Environment.GetEnvironmentVariable("GLIFML_APPROVE") == "1";

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Definitions_OfThisRepository_HaveTheApprovedHashes()
    {
        var pipelines = Glifml.Path("pipelines");
        string[] definitions =
        [
            .. Directory
                .GetFiles(pipelines, "*.yaml", SearchOption.AllDirectories)
                .Where(path => !RunList.IsRunList(path) && !PipelineSweep.IsSweep(path))
                .Order(StringComparer.Ordinal)
                .Select(path => $"dataset of {Name(path)}: {DatasetHash.Compute(Load(path))}"),
        ];

        Hold(Everywhere, "definitions", [.. definitions, $"pipelines/schema.json: {Hash(Encoding.UTF8.GetBytes(Schema()))}"]);

        string Name(string path) => Path.GetRelativePath(Glifml.Repository, path).Replace('\\', '/');
    }

    [Fact]
    public void ShardsAndDefinition_OfReducedPipelines_AreTheApprovedOnes()
    {
        var lines = new List<string>();
        foreach (var (name, set) in Reduced)
        {
            Succeeds("generate", name, set, "--data", _folder["shards", name]);
            foreach (var split in new[] { "train", "validation", "test" })
            {
                var manifest = Manifest.Load(_folder["shards", name, split]);
                lines.AddRange(manifest.Shards.Select(shard => $"{name}/{split}/{shard.File}: {shard.Sha256}"));
            }

            var resolved = DefinitionWriter.ToYaml(Load(Definition(name), set), Path.Combine(Glifml.Repository, "models", name));
            lines.Add($"{name}/pipeline.yaml: {Hash(Encoding.UTF8.GetBytes(resolved))}");
        }

        Hold(Everywhere, "shards", lines);
    }

    [ApprovedMachineFact]
    public void Models_OfReducedPipelines_AreTheApprovedOnes()
    {
        CopyNeighbours();
        var lines = new List<string>();
        foreach (var (name, set) in Reduced)
        {
            string[] folders = ["--data", _folder["shards", name], "--output", _folder["models", name]];
            foreach (var stage in new[] { "generate", "train", "evaluate" })
                Succeeds(stage, name, set, [.. stage == "generate" ? folders[..2] : folders, .. stage == "evaluate" ? Engine : []]);
            lines.Add($"{name}/model.onnx: {Hash(Model(_folder["models", name, "model.onnx"]))}");
            lines.Add($"{name}/metrics.json: {Hash(Metrics(_folder["models", name, "metrics.json"]))}");
        }

        Hold(Machine, "models", lines);
    }

    /// <summary>
    /// A model without the version that wrote it, which has the commit in it, and without what came later: how its training traces lie
    /// together.
    /// </summary>
    private static byte[] Model(string path)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        model.ClearProducerVersion();
        if (model.MetadataProps.FirstOrDefault(p => p.Key == "glifml.belonging") is { } belonging)
            model.MetadataProps.Remove(belonging);
        return model.ToByteArray();
    }

    /// <summary>
    /// What metrics.json says of the model; how long it took, how much memory and what made it are of the day, the model's size of its
    /// version.
    /// </summary>
    private static byte[] Metrics(string path)
    {
        var metrics = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.True(metrics.Remove("seconds") && metrics.Remove("peakMemoryMiB") && metrics["model"]!.AsObject().Remove("onnxBytes"));
        Assert.True(metrics.Remove("made"));
        return Encoding.UTF8.GetBytes(metrics.ToJsonString());
    }

    /// <summary>A model says in its metadata where the neuron lies, relative to itself: as in the repository, wherever that is.</summary>
    private void CopyNeighbours()
    {
        foreach (var folder in new[] { "pipelines", "datasets/neurons", "datasets/stimuli" })
        {
            Directory.CreateDirectory(_folder[folder]);
            foreach (var file in Directory.GetFiles(Glifml.Path(folder)))
                File.Copy(file, _folder[folder, Path.GetFileName(file)]);
        }
    }

    private void Succeeds(string stage, string name, string[] set, params string[] more)
    {
        var copied = _folder["pipelines", $"{name}.yaml"];
        var definition = File.Exists(copied) ? copied : Definition(name);
        var (code, _, error) = Glifml.Run([stage, definition, "--quiet", .. set.SelectMany(text => new[] { "--set", text }), .. more]);
        Assert.True(code == 0, error);
    }

    private static string Definition(string name) => Glifml.Path($"pipelines/{name}.yaml");

    private static PipelineDefinition Load(string path, string[]? set = null) => Pipeline.Load(path, set);

    private static string Schema() => DefinitionJsonSchema.ToText(EstimatorCatalog.Default);

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Compares the lines of one place and subject with the approved ones, or approves them.</summary>
    private static void Hold(string place, string subject, IReadOnlyList<string> lines)
    {
        var head = $"[{subject}, {place}]";
        if (Approves)
            Approve(head, subject, lines);
        Assert.True(Sections().TryGetValue(head, out var approved), $"{Approved} has no {head}; GLIFML_APPROVE=1 dotnet test approves it");
        Assert.Equal(approved, lines);
    }

    /// <summary>Other machines' lines stand as long as this one's do; once these move, those are of a program that is no more.</summary>
    private static void Approve(string head, string subject, IReadOnlyList<string> lines)
    {
        var sections = Sections();
        if (sections.TryGetValue(head, out var old) && !old.SequenceEqual(lines))
        {
            foreach (var other in sections.Keys.Where(key => key.StartsWith($"[{subject},", StringComparison.Ordinal)).ToArray())
                sections.Remove(other);
        }

        sections[head] = [.. lines];
        Directory.CreateDirectory(Path.GetDirectoryName(Approved)!);
        File.WriteAllText(
            Approved,
            string.Join("\n", sections.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}\n{string.Join("\n", s.Value)}\n"))
        );
    }

    internal static Dictionary<string, string[]> Sections() =>
        !File.Exists(Approved)
            ? []
            : File.ReadAllText(Approved)
                .ReplaceLineEndings("\n")
                .Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
                .Select(section => section.Trim('\n').Split('\n'))
                .ToDictionary(section => section[0], section => section[1..]);

    private static string Kernel() =>
        Environment.GetEnvironmentVariable("GLIFML_KERNEL") is { Length: > 0 } forced ? forced
        : Avx512F.IsSupported && Vector512.IsHardwareAccelerated ? "vector512"
        : Vector256.IsHardwareAccelerated ? "vector256"
        : "vector128";

    private static string Processor()
    {
        if (!X86Base.IsSupported)
            return "processor";
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        int[] name = [b, d, c];
        return Encoding.ASCII.GetString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(name.AsSpan()));
    }

    /// <summary>A test of this machine's own lines; skipped, and said so, where none are approved.</summary>
    private sealed class ApprovedMachineFactAttribute : FactAttribute
    {
        public ApprovedMachineFactAttribute()
        {
            if (!Approves && !Sections().ContainsKey($"[models, {Machine}]"))
                Skip = $"no models are approved for {Machine}; GLIFML_APPROVE=1 dotnet test adds its lines";
        }
    }
}
