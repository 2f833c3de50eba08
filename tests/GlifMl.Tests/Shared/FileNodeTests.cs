using GlifMl.Tests.Datasets;

namespace GlifMl.Tests.Shared;

/// <summary>What other users can do to a file, as the file system says.</summary>
public sealed class FileNodeTests : IDisposable
{
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();
    private readonly string _inner;
    private readonly string _file;

    public FileNodeTests()
    {
        _inner = _folder["outer/inner"];
        Directory.CreateDirectory(_inner);
        _file = Path.Combine(_inner, "library.so");
        File.WriteAllText(_file, "code");
    }

    public void Dispose() => _folder.Dispose();

    [UnixFact]
    public void IsTrusted_FileOfThisUserAlone_IsTrue() => Assert.True(FileNode.IsTrusted(_file));

    [UnixTheory]
    [InlineData("outer/inner/library.so")]
    [InlineData("outer/inner")]
    [InlineData("outer")]
    public void IsTrusted_OpenToAllAnywhereAbove_IsFalse(string open)
    {
        SetMode(_folder[open], Mine | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Assert.False(FileNode.IsTrusted(_file));
    }

    [UnixFact]
    public void IsTrusted_FolderAboveWhereNobodyRemovesWhatIsAnothers_IsTrue()
    {
        SetMode(_folder["outer"], Mine | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.StickyBit);

        Assert.True(FileNode.IsTrusted(_file));
    }

    [UnixFact]
    public void IsTrusted_LinkIntoAFolderOpenToAll_IsFalse()
    {
        SetMode(_inner, Mine | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        File.CreateSymbolicLink(_folder["link.so"], _file);

        Assert.False(FileNode.IsTrusted(_folder["link.so"]));
    }

    [UnixFact]
    public void IsTrusted_Nothing_IsFalse() => Assert.False(FileNode.IsTrusted(_folder["missing"]));

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
