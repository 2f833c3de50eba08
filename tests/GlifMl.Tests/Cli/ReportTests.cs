using System.Text.Json.Nodes;
using GlifMl.Tests.Reporting;
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
    public void Report_NoSuchFolder_IsNamed() =>
        AssertRefused(_folder["none"], $"{_folder["none"]}: found no such folder; expected a trained model's, which `glifml run` writes");

    [Fact]
    public void Report_FolderThatIsNoModels_IsNamed() =>
        AssertRefused(
            _folder.Path,
            $"{_folder.Path}: found no pipeline.yaml; expected a trained model's folder, which `glifml run` writes"
        );

    [Theory]
    [InlineData("model.onnx", "{0}: found no such file; expected the model, which `glifml train` writes")]
    [InlineData("metrics.json", "{0}: found no such file; expected the model's figures, which `glifml evaluate` writes")]
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
        Assert.StartsWith($"glifml: {Path.Combine(model, "metrics.json")}: found invalid JSON (", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("metrics.json", "{}", "{0}: found too few keys; expected a metrics file: delete it and evaluate again")]
    [InlineData("metrics.json", "null", "{0}: found too few keys; expected a metrics file: delete it and evaluate again")]
    [InlineData(
        "metrics.json",
        "\"C\":=\"X\":",
        "{0}: found targets X, El, R_input, dt, th_inf; expected C, El, R_input, dt, th_inf, those of {1}: evaluate again"
    )]
    [InlineData(
        "metrics.json",
        "\"dataHash\": \"=\"dataHash\": \"0",
        "{0}: found figures of dataset 0*; expected *, which {2} was trained on: evaluate again"
    )]
    [InlineData(
        "predictions.csv",
        "C_true,C_predicted=X_true,X_predicted",
        "{0}: found targets X, El, R_input, dt, th_inf; expected C, El, R_input, dt, th_inf, those of {1}: evaluate again"
    )]
    [InlineData("predictions.csv", "\n1E-10=\nNaN", "{0}:2: found 'NaN'; expected a finite number: evaluate again")]
    [InlineData("predictions.csv", "\n1E-10=\n1E-10,", "{0}:2: found 11 columns; expected 10: evaluate again")]
    [InlineData("training.jsonl", "null", "{0}:1: found 'null'; expected one epoch as JSON: train again")]
    [InlineData("training.jsonl", "{\"epoch\":1,\"tr", "{0}:1: found '{{\"epoch\":1,\"tr'; expected one epoch as JSON: train again")]
    [InlineData(
        "pipeline.yaml",
        "samples: 200=samples: 201",
        "{2}: found a model of 200 samples without the stimulus; expected 201 samples without the stimulus, the traces of {1}: train again"
    )]
    [InlineData(
        "pipeline.yaml",
        "targets: [C, El, R_input, dt, th_inf]=targets: [C]",
        "{2}: found targets C, El, R_input, dt, th_inf; expected C, those of {1}: train again"
    )]
    public void Report_DamagedFile_IsOneLineThatSaysWhatToDo(string file, string change, string message)
    {
        var model = CopyOfTheModel();
        var path = Path.Combine(model, file);
        // OLD=NEW replaces the first; anything else is the whole file.
        File.WriteAllText(
            path,
            change.Split('=') is [var old, var replacement] ? ReplaceFirst(File.ReadAllText(path), old, replacement) : change
        );

        var (code, output, error) = Glifml.Run("report", model);

        Assert.Equal((2, ""), (code, output));
        var expected = string.Format(null, message, path, Path.Combine(model, "pipeline.yaml"), Path.Combine(model, "model.onnx"));
        Assert.Matches(
            $"^glifml: {System.Text.RegularExpressions.Regex.Escape(expected).Replace("\\*", ".*", StringComparison.Ordinal)}$",
            error.TrimEnd()
        );
    }

    [Fact]
    public void Report_PredictionsOfAnotherTest_AreRefused()
    {
        var model = CopyOfTheModel();
        var path = Path.Combine(model, "predictions.csv");
        File.WriteAllLines(path, File.ReadAllLines(path)[..3]);
        var (code, _, error) = Glifml.Run("report", model);
        Assert.Equal(
            (2, $"glifml: {path}: found 2 traces; expected 16, as {Path.Combine(model, "metrics.json")} says: evaluate again"),
            (code, error.TrimEnd())
        );
    }

    [Fact]
    public void Report_FolderOfAListOfRuns_SaysWhatWritesItsReport()
    {
        Directory.CreateDirectory(_folder["report"]);
        File.WriteAllText(Path.Combine(_folder["report"], "table.md"), "");
        var (code, _, error) = Glifml.Run("report", _folder.Path);
        Assert.Equal(
            (
                2,
                $"glifml: {_folder.Path}: found the folder of a list of runs; expected one model's: "
                    + "`glifml run LIST.yaml` writes the list's report"
            ),
            (code, error.TrimEnd())
        );
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(string path, string message)
    {
        var (code, output, error) = Glifml.Run("report", path);
        Assert.Equal((2, "", $"glifml: {message}"), (code, output, error.TrimEnd()));
        Assert.False(Directory.Exists(Path.Combine(path, "report")));
    }

    private static string ReplaceFirst(string text, string old, string replacement)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"found no '{old}' to replace");
        return text[..at] + replacement + text[(at + old.Length)..];
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
