using GlifMl.Onnx;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

/// <summary>What --out may name.</summary>
public sealed class OutputTests
{
    private static readonly string Neuron = Glifml.Path("datasets/neurons/483101699_glif1.json");

    [Fact]
    public void Simulate_OntoAFolderOrItsInput_IsRefusedBeforeItRuns()
    {
        using TempFolder folder = new();
        File.Copy(Neuron, folder["neuron.json"]);
        var before = File.ReadAllText(folder["neuron.json"]);
        string[] simulate = ["simulate", "--neuron", folder["neuron.json"], "--stimulus", "noise-1", "--duration", "0.001", "--out"];

        Assert.Equal(
            (2, "", $"glifml: {folder["neuron.json"]}: found an input; expected another file to write to\n"),
            Glifml.Run([.. simulate, folder["neuron.json"]])
        );
        Assert.Equal(
            (2, "", $"glifml: {folder.Path}: found a folder; expected a file to write to\n"),
            Glifml.Run([.. simulate, folder.Path])
        );
        Assert.Equal(before, File.ReadAllText(folder["neuron.json"]));
    }

    [Fact]
    public void Score_OntoTheModelOrAShard_IsRefusedBeforeItRuns()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["shard.parquet"], "precious");
        File.WriteAllText(folder["model.csv"], "precious");
        foreach (var name in new[] { "shard.parquet", "model.csv" })
        {
            var (code, _, error) = Glifml.Run("score", "--model", folder["model.csv"], folder["shard.parquet"], "--out", folder[name]);
            Assert.Equal((2, $"glifml: {folder[name]}: found an input; expected another file to write to\n"), (code, error));
        }
        Assert.Equal("precious", File.ReadAllText(folder["shard.parquet"]));
    }

    [Fact]
    public void Compare_OntoADefinition_IsRefusedBeforeItRuns()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["definition.md"], "precious");
        Assert.Equal(
            (2, "", $"glifml: {folder["definition.md"]}: found an input; expected another file to write to\n"),
            Glifml.Run("compare", folder["definition.md"], "--out", folder["definition.md"])
        );
    }

    [UnixFact]
    public async Task Write_ScoresAsParquetOntoAPipe_ReachTheirReader()
    {
        using TempFolder folder = new();
        Assert.True(OutputFileTests.Shell($"mkfifo {folder["pipe.parquet"]}"));
        var read = Task.Run(() => File.ReadAllBytes(folder["pipe.parquet"]));
        ScoredTrace[] rows = [new("a", 7, new CheckedAnswer(AnswerStatus.Read, [0.5f], []))];

        ScoreFile.Write(folder["pipe.parquet"], new(["C"], []), rows);
        ScoreFile.Write(folder["file.parquet"], new(["C"], []), rows);

        Assert.Equal(File.ReadAllBytes(folder["file.parquet"]), await read.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [UnixFact]
    public void Stimulus_OntoStandardOutput_IsAllThatStandsThere()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (code, output, error) = GlifmlProcess.Run([], "stimulus", "noise-1", "--duration", "0.001", "--out", "/dev/stdout");
        Assert.Equal(0, code);
        Assert.StartsWith("time_s,current_A\n0,", output, StringComparison.Ordinal);
        Assert.DoesNotContain("noise-1", output, StringComparison.Ordinal);
        Assert.Equal("/dev/stdout: noise-1, 0.001 s at 200000 Hz\n", error);
        Assert.True(Path.Exists("/dev/stdout"));
    }
}
