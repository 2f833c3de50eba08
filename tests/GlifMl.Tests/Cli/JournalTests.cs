using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Cli;

public sealed class JournalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Log_OfARun_HasStagesNotesAndTheExitCode()
    {
        using var tiny = new TinyPipeline();
        Assert.Equal(0, tiny.Run("generate", "--log", _folder["logs", "a.log"]).Code);
        Assert.Equal(2, Glifml.Run("inspect", "no-such-file", "--log", _folder["logs", "a.log"]).Code);

        var lines = File.ReadAllLines(_folder["logs", "a.log"]);

        Assert.Contains("generate", lines[0], StringComparison.Ordinal);
        Assert.Contains(".NET", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.EndsWith("generate train: begun", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("generate test: done in", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("exit code 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("FileNotFoundException", StringComparison.Ordinal));
        Assert.EndsWith("exit code 2", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_OfAnyCommand_SaysWhatRunsAndWhen()
    {
        var (code, output, error) = Glifml.Run("estimators", "mean", "--verbose");

        Assert.Equal(0, code);
        Assert.DoesNotContain("exit code", output, StringComparison.Ordinal);
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d\d\d glifml estimators mean --verbose\n", error);
        Assert.Contains("exit code 0", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_ThatCannotBeWritten_IsNamed()
    {
        var (code, _, error) = Glifml.Run("estimators", "--log", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains(_folder.Path, error, StringComparison.Ordinal);
    }
}
