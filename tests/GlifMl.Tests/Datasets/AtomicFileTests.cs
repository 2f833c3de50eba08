namespace GlifMl.Tests.Datasets;

public sealed class AtomicFileTests
{
    [Fact]
    public void Write_OverAnotherFile_ReplacesItWhole()
    {
        using TempFolder folder = new();
        var path = folder["new", "a.txt"];
        AtomicFile.Write(path, file => file.Write("longer text"u8));
        AtomicFile.Write(path, file => file.Write("short"u8));
        Assert.Equal("short", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder["new"]));
    }

    [Fact]
    public void Write_FailsHalfWay_LeavesTheOldFileAndNothingElse()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["a.txt"], "old");
        Assert.Throws<InvalidOperationException>(() =>
            AtomicFile.Write(
                folder["a.txt"],
                file =>
                {
                    file.Write("half"u8);
                    throw new InvalidOperationException();
                }
            )
        );
        Assert.Equal("old", File.ReadAllText(folder["a.txt"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_FolderCannotBeMade_NamesTheFileAndTheReason()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["report"], "a file where a folder should be");
        var path = folder["report", "a.txt"];
        var error = Assert.Throws<IOException>(() => AtomicFile.WriteAllText(path, "text"));
        Assert.StartsWith($"cannot write {path}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WhileAnotherHoldsIt_IsRefused()
    {
        using TempFolder folder = new();
        using var held = AtomicFile.Create(folder["a.tmp"]);
        Assert.Throws<IOException>(() => AtomicFile.Create(folder["a.tmp"]));
    }
}
