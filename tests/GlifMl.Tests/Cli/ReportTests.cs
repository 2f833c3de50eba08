using System.Text.Json.Nodes;
using GlifMl.Tests.Pipelines.Reporting;
using GlifMl.Tests.Torch;

namespace GlifMl.Tests.Cli;

[Collection(TorchTests.Name)]
public sealed class ReportTests(TrainedFolder trained) : IClassFixture<TrainedFolder>, IDisposable
{
    private readonly Datasets.TempFolder _folder = new();

    [Fact]
    public void Report_ModelDirectory_WritesThePageAgainWithoutTraining()
    {
        var model = CopyOfTheModel();
        var before = File.GetLastWriteTimeUtc(Path.Combine(model, "model.onnx"));

        var (code, output, error) = Glifml.Run("report", model);

        var page = Path.Combine(model, "report", "report.html");
        Assert.Equal((0, $"report: {page}", ""), (code, output.TrimEnd(), error));
        Assert.Equal(File.ReadAllText(trained.Report("report.html")), File.ReadAllText(page));
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(model, "model.onnx")));
    }

    [Fact]
    public void Report_Json_IsOneDocument()
    {
        var model = CopyOfTheModel();
        var (code, output, _) = Glifml.Run("report", model, "--json");
        Assert.Equal((0, Path.Combine(model, "report", "report.html")), (code, (string)JsonNode.Parse(output)!["report"]!));
    }

    [Fact]
    public void Report_NoSuchFolder_IsNamed() => AssertRefused(
        _folder["none"], $"there is no folder {_folder["none"]}; expected a trained model's, which `glifml run` writes");

    [Fact]
    public void Report_FolderThatIsNoModels_IsNamed() => AssertRefused(
        _folder.Path, $"{_folder.Path} is not a trained model's folder: it has no pipeline.yaml; `glifml run` writes one that has");

    [Theory]
    [InlineData("model.onnx", "there is no model {0}; `glifml train` writes it")]
    [InlineData("metrics.json", "there is no {0}; `glifml evaluate` writes it")]
    public void Report_ModelWithoutAFile_SaysWhatWritesIt(string file, string message)
    {
        var model = CopyOfTheModel();
        File.Delete(Path.Combine(model, file));
        AssertRefused(model, string.Format(null, message, Path.Combine(model, file)));
    }

    [Fact]
    public void Report_MetricsThatAreNone_AreNamed()
    {
        var model = CopyOfTheModel();
        File.WriteAllText(Path.Combine(model, "metrics.json"), "what");
        var (code, _, error) = Glifml.Run("report", model);
        Assert.Equal(2, code);
        Assert.StartsWith($"glifml: {Path.Combine(model, "metrics.json")} is not a metrics file (", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(string path, string message)
    {
        var (code, output, error) = Glifml.Run("report", path);
        Assert.Equal((2, "", $"glifml: {message}"), (code, output, error.TrimEnd()));
        Assert.False(Directory.Exists(Path.Combine(path, "report")));
    }

    /// <summary>A model's folder without its report.</summary>
    private string CopyOfTheModel()
    {
        var copy = Directory.CreateDirectory(_folder["model"]).FullName;
        foreach (var file in Directory.GetFiles(trained.Model.Path))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
