using GlifMl.Tests.Datasets;

namespace GlifMl.Tests;

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

    // NFS: the server renamed, its answer was lost, and the client asks once more.
    [UnixFact]
    public void Commit_RenamedAlready_IsDone()
    {
        // Elsewhere the system is not asked which file it is.
        if (!OperatingSystem.IsLinux())
            return;
        using TempFolder folder = new();
        using (var file = AtomicFile.Create(folder["a.txt"]))
        {
            file.Stream.Write("whole"u8);
            File.Move(Directory.GetFiles(folder.Path).Single(), folder["a.txt"]);
            file.Commit();
        }

        Assert.Equal("whole", File.ReadAllText(folder["a.txt"]));
        using var gone = AtomicFile.Create(folder["a.txt"]);
        File.Delete(Directory.GetFiles(folder.Path, "*.tmp").Single());
        Assert.Throws<IOException>(gone.Commit);
    }

    [Fact]
    public void Create_WhileAnotherWritesTheSame_EachHasItsOwnAndTheLastStays()
    {
        using TempFolder folder = new();
        using var first = AtomicFile.Create(folder["a.txt"]);
        using var second = AtomicFile.Create(folder["a.txt"]);
        first.Stream.Write("first"u8);
        second.Stream.Write("second"u8);
        second.Commit();
        Assert.Equal("second", File.ReadAllText(folder["a.txt"]));
        first.Commit();
        Assert.Equal("first", File.ReadAllText(folder["a.txt"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void RemoveLeftovers_OfAnyProcess_RemovesThoseOfProcessesThatAreGone()
    {
        using TempFolder folder = new();
        var mine = TemporaryName.StartOf(Environment.ProcessId)!.Value;
        string[] live = [TemporaryName.Beside(folder["a"]), TemporaryName.Beside(folder["a"], 1, TemporaryName.StartOf(1)!.Value, 1)];
        string[] gone =
        [
            TemporaryName.Beside(folder["a"], int.MaxValue, 1, 1),
            TemporaryName.Beside(folder[new string('n', 255)], int.MaxValue, 1, 2),
            // Its number has been given to another process since, to this one even.
            TemporaryName.Beside(folder["a"], Environment.ProcessId, mine - 1, 1),
        ];
        // Of another machine nothing is known but the time.
        var (fresh, old) = (folder["a.01234567-1-1-1.tmp"], folder["b.01234567-1-1-1.tmp"]);
        string[] others = [folder["a.tmp"], folder["a.4711.tmp"], folder["a.csv"], folder["a.0123456z-1-1-1.tmp"]];
        foreach (var file in (string[])[.. live, .. gone, fresh, old, .. others])
            File.WriteAllText(file, "");
        foreach (var file in (string[])[old, .. others])
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        AtomicFile.RemoveLeftovers(folder.Path);

        string[] left = [.. live, fresh, .. others];
        Assert.Equal(left.Order(StringComparer.Ordinal), Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
        AtomicFile.RemoveLeftovers(folder["none"]);
    }

    [Fact]
    public void RemoveLeftovers_HeldByAProcessThatCannotBeSeen_StayAsTheyAre()
    {
        using TempFolder folder = new();
        var file = TemporaryName.Beside(folder["a"], int.MaxValue, 1, 1);
        using (new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            AtomicFile.RemoveLeftovers(folder.Path);
            Assert.True(File.Exists(file));
        }
        AtomicFile.RemoveLeftovers(folder.Path);
        Assert.False(File.Exists(file));
    }

    [UnixFact]
    public void RemoveLeftovers_PipesLinksAndFilesOfOthers_StayAsTheyAre()
    {
        using TempFolder folder = new();
        string Name(int n) => TemporaryName.Beside(folder["a"], int.MaxValue, 1, n);
        // Whoever opened the pipe would wait for ever.
        Assert.True(OutputFileTests.Shell($"mkfifo {Name(1)}"));
        File.WriteAllText(folder["target"], "");
        File.CreateSymbolicLink(Name(2), folder["target"]);
        List<string> left = [Name(1), Name(2), folder["target"]];
        File.WriteAllText(Name(3), "");
        if (OutputFileTests.Shell($"chown daemon {Name(3)}"))
            left.Add(Name(3));

        AtomicFile.RemoveLeftovers(folder.Path);

        Assert.Equal(left.Order(StringComparer.Ordinal), Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [UnixFact]
    public void Write_OntoALinkOfAnotherInAFolderOpenToAll_IsRefused()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["target"], "precious");
        File.CreateSymbolicLink(folder["link"], folder["target"]);
        // Only root can make a link look like another's.
        if (!OutputFileTests.Shell($"chown -h daemon {folder["link"]} && chmod 1777 {folder.Path}"))
            return;
        Assert.Equal(
            $"cannot write {folder["link"]}: found a link of another user in a folder that is open to all; expected none",
            Assert.Throws<IOException>(() => AtomicFile.WriteAllText(folder["link"], "text")).Message
        );
        Assert.Equal("precious", File.ReadAllText(folder["target"]));
    }

    [Fact]
    public void TemporaryFolder_OfAKilledProcess_IsRemovedByTheNext()
    {
        using TempFolder folder = new();
        var gone = TemporaryName.Beside(folder["glifml-onnx"], int.MaxValue, 1, 1) + "-Ab12Cd";
        var live = TemporaryName.Beside(folder["glifml-onnx"]) + "-Ab12Cd";
        var other = TemporaryName.Beside(folder["other"], int.MaxValue, 1, 1) + "-Ab12Cd";
        foreach (var path in new[] { gone, live, other })
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(path).FullName, "model.onnx"), "");

        TemporaryFolder.RemoveLeftovers(folder.Path);
        Assert.Equal(
            new[] { live, other }.Order(StringComparer.Ordinal),
            Directory.GetDirectories(folder.Path).Order(StringComparer.Ordinal)
        );

        string made;
        using (var temporary = TemporaryFolder.Create("test"))
        {
            made = temporary.Path;
            File.WriteAllText(Path.Combine(made, "a"), "");
            Assert.StartsWith("glifml-test.", Path.GetFileName(made), StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(made));
    }

    [Fact]
    public void Write_FirstIntoAFolder_RemovesWhatAKilledProcessLeftThere()
    {
        using TempFolder folder = new();
        File.WriteAllText(TemporaryName.Beside(folder["a.txt"], int.MaxValue, 1, 1), "half");
        AtomicFile.WriteAllText(folder["b.txt"], "text");
        Assert.Equal([folder["b.txt"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_ByManyThreadsAtOnce_AlwaysLeavesOneWholeText()
    {
        using TempFolder folder = new();
        var text = new string('x', 100_000);
        Parallel.For(
            0,
            200,
            n =>
            {
                AtomicFile.WriteAllText(folder["a.txt"], text + n % 10);
                Assert.Equal(text.Length + 1, File.ReadAllText(folder["a.txt"]).Length);
            }
        );
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_LongestName_IsWritten()
    {
        using TempFolder folder = new();
        AtomicFile.WriteAllText(folder[new string('é', 127)], "text");
        Assert.Single(Directory.GetFiles(folder.Path));
    }
}
