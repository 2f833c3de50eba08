using System.Security.Cryptography;
using GlifMl.Pipelines;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Pipelines.Stages;

/// <summary>Running the pipeline.yaml of a model's folder repeats the run, into that folder, from those shards.</summary>
public sealed class KeptDefinitionTests : IDisposable
{
    private readonly TinyPipeline _tiny = new();
    private readonly string _mean;
    private readonly ModelDirectory _model;

    public KeptDefinitionTests()
    {
        _mean = _tiny["mean.yaml"];
        File.WriteAllText(_mean, File.ReadAllText(_tiny.Definition).Split("  - scale-trace")[0] + "  - mean\n");
        _model = new ModelDirectory(_tiny["models/mean"]);
        var settings = new PipelineSettings { ModelDirectory = _model.Path, DataDirectory = _tiny.Data };
        new Pipeline(Pipeline.Load(_mean, ["seed=8"]), settings).Run();
    }

    [Fact]
    public void Run_KeptDefinition_RepeatsTheRunIntoItsFolder()
    {
        var (model, shards) = (Hash(_model.Onnx), Shards());
        Directory.Delete(_tiny.Data, recursive: true);
        foreach (var file in Directory.GetFiles(_model.Path).Where(file => file != _model.Definition))
            File.Delete(file);

        var (code, output, _) = Run(_model.Definition);

        Assert.Equal(0, code);
        Assert.Contains($"model: {_model.Onnx} ", output, StringComparison.Ordinal);
        Assert.Equal(model, Hash(_model.Onnx));
        Assert.Equal(shards, Shards());
    }

    [Fact]
    public void Run_KeptDefinitionOfAFinishedModel_IsReused()
    {
        var before = File.GetLastWriteTimeUtc(_model.Metrics);
        foreach (var command in new[] { "run", "train" })
            Assert.Equal(0, Glifml.Run(command, _model.Definition, "--resume", "--quiet").Code);
        Assert.Equal(before, File.GetLastWriteTimeUtc(_model.Metrics));
        Assert.Equal(0, Glifml.Run("evaluate", _model.Definition, "--quiet").Code);
        Assert.NotEqual(before, File.GetLastWriteTimeUtc(_model.Metrics));
    }

    [Fact]
    public void Load_KeptDefinition_SaysItsFoldersFromAnywhere()
    {
        Assert.Contains("\noutput: .\ndata: ../../shards\n", File.ReadAllText(_model.Definition), StringComparison.Ordinal);
        // As the user names it, from wherever he is.
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), _model.Definition);
        foreach (var path in new[] { _model.Definition, relative })
        {
            var definition = Pipeline.Load(path);
            Assert.Equal((_model.Path, _tiny.Data), (definition.Output, definition.Data));
        }
    }

    [Fact]
    public void Load_KeptDefinitionOfAFolderThatWasMoved_MeansThatFolder()
    {
        Directory.CreateDirectory(_tiny["elsewhere"]);
        var moved = new ModelDirectory(_tiny["elsewhere/moved"]);
        Directory.Move(_model.Path, moved.Path);

        var definition = Pipeline.Load(moved.Definition);

        Assert.Equal(moved.Path, definition.Output);
        Assert.NotNull(new Pipeline(definition).Finished());
        Assert.False(Directory.Exists(_model.Path));
    }

    [Fact]
    public void Load_KeptDefinitionOfAnOlderVersion_MeansItsFolderAndIsFinished()
    {
        var lines = File.ReadAllLines(_model.Definition).Where(line => !line.StartsWith("output:", StringComparison.Ordinal));
        File.WriteAllLines(_model.Definition, lines.Where(line => !line.StartsWith("data:", StringComparison.Ordinal)));

        var definition = Pipeline.Load(_model.Definition);

        Assert.Equal((_model.Path, null), (definition.Output, definition.Data));
        Assert.NotNull(new Pipeline(definition).Finished());
    }

    [Fact]
    public void Load_PipelineYamlInAFolderWithoutAModel_HasNoOutput()
    {
        File.Delete(_model.Onnx);
        File.WriteAllText(_model.Definition, File.ReadAllText(_mean));
        Assert.Null(Pipeline.Load(_model.Definition).Output);
    }

    [Fact]
    public void Compare_KeptDefinition_ReusesItsModelAndGivesOtherSeedsTheirOwnShards()
    {
        var (code, output, error) = Glifml.Run("compare", _model.Definition, "--repeat", "2", "--data", _tiny["datasets"], "--json");
        Assert.Equal(0, code);
        Assert.Contains("mean: reuse: done", error, StringComparison.Ordinal);
        Assert.Contains("mean-seed-9: train: done", error, StringComparison.Ordinal);
        Assert.Contains("\"reused\": true", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_DefinitionOfAnOlderVersion_HasTheDefaultsOfWhatItDoesNotKnow()
    {
        var definition = Pipeline.Load(_tiny.Definition);
        using var model = OnnxModel.Load(_model.Onnx);
        var yaml = DefinitionWriter.ToYaml(definition, _model.Path);
        var older = yaml.Replace("dropout: 0, ", "", StringComparison.Ordinal).Replace("    dropout: 0\n", "", StringComparison.Ordinal);
        Assert.NotEqual(yaml, older);
        var (hash, catalog) = (DatasetHash.Compute(definition), EstimatorCatalog.Default);
        DefinitionDifference? Difference(string text, string dataHash) =>
            DefinitionDifference.Of(model.Info with { Definition = text, DataHash = dataHash }, _model.Path, definition, hash, catalog);

        Assert.Null(Difference(older, hash));
        Assert.Null(Difference($"output: models/x\n{older}", hash));
        Assert.Equal($"dataset {new string('0', 16)}; expected {hash[..16]}", $"{Difference(older, new string('0', 64))}");
        Assert.Equal("pipeline.bilstm.hidden 4; expected 3", $"{Difference(yaml.Replace("hidden: 3", "hidden: 4"), hash)}");
        Assert.Equal("its definition no YAML; expected a mapping", $"{Difference("- [", hash)}");
    }

    public void Dispose() => _tiny.Dispose();

    private static (int Code, string Output, string Error) Run(string definition, params string[] more) =>
        Glifml.Run(["run", definition, "--quiet", .. more]);

    private string[] Shards() =>
        [
            .. Directory
                .GetFiles(_tiny.Data, "*.parquet", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {Hash(file)}"),
        ];

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
}
