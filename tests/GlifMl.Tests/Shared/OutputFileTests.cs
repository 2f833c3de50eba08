using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using GlifMl.Tests.Datasets;

namespace GlifMl.Tests;

public sealed class OutputFileTests
{
    [Fact]
    public void Write_OntoALink_ReplacesWhatItLeadsToAndKeepsTheLink()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder["far"]);
        File.WriteAllText(folder["far", "target.csv"], "precious");
        File.CreateSymbolicLink(folder["near.csv"], Path.Combine("far", "target.csv"));
        File.CreateSymbolicLink(folder["link.csv"], folder["near.csv"]);

        OutputFile.WriteAllText(folder["link.csv"], "text");

        Assert.Equal(folder["near.csv"], new FileInfo(folder["link.csv"]).LinkTarget);
        Assert.Equal("text", File.ReadAllText(folder["far", "target.csv"]));
        Assert.Single(Directory.GetFiles(folder["far"]));
    }

    [Fact]
    public void Write_OntoALinkToNothing_MakesWhatItLeadsTo()
    {
        using TempFolder folder = new();
        File.CreateSymbolicLink(folder["link.csv"], folder["target.csv"]);
        OutputFile.WriteAllText(folder["link.csv"], "text");
        Assert.NotNull(new FileInfo(folder["link.csv"]).LinkTarget);
        Assert.Equal("text", File.ReadAllText(folder["target.csv"]));
    }

    [Fact]
    public void Write_OntoALinkNamedFromTheCurrentFolder_ReplacesWhatItLeadsTo()
    {
        using TempFolder folder = new();
        var name = Path.GetFileName(folder.Path) + ".csv";
        File.CreateSymbolicLink(name, Path.GetRelativePath(Environment.CurrentDirectory, folder["target.csv"]));
        try
        {
            OutputFile.WriteAllText(name, "text");
            Assert.NotNull(new FileInfo(name).LinkTarget);
            Assert.Equal("text", File.ReadAllText(folder["target.csv"]));
        }
        finally
        {
            File.Delete(name);
        }
    }

    [Fact]
    public void Write_OntoALinkToItself_FailsInOneLine()
    {
        using TempFolder folder = new();
        File.CreateSymbolicLink(folder["link.csv"], folder["link.csv"]);
        var message = Assert.Throws<IOException>(() => OutputFile.WriteAllText(folder["link.csv"], "text")).Message;
        Assert.StartsWith($"cannot write {folder["link.csv"]}: ", message, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite
    )]
    public void Write_OverAFile_KeepsItsPermissions(UnixFileMode mode)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["a.csv"], "old");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["a.csv"], mode);
        OutputFile.WriteAllText(folder["a.csv"], "text");
        Assert.Equal("text", File.ReadAllText(folder["a.csv"]));
        Assert.Equal(mode, OperatingSystem.IsWindows() ? mode : File.GetUnixFileMode(folder["a.csv"]));
    }

    [UnixTheory]
    [InlineData("daemon")]
    public void Write_OverAFileOfAnother_LeavesItToThem(string user)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder["a.csv"], "old");
        if (!Shell($"chown {user} {folder["a.csv"]}"))
            return;
        OutputFile.WriteAllText(folder["a.csv"], "text");
        Assert.True(Shell($"test \"$(stat -c %U {folder["a.csv"]})\" = {user}"));
    }

    [UnixTheory]
    [InlineData("mknod {0} c 1 3")]
    [InlineData("ln -s /dev/null {0}")]
    public void Write_OntoADevice_WritesIntoIt(string make)
    {
        using TempFolder folder = new();
        var path = folder["null"];
        // Only root can make a device; the other way is left to everyone.
        if (!Shell(string.Format(null, CompositeFormat.Parse(make), path)))
            return;
        OutputFile.WriteAllText(path, "text");
        Assert.True(Shell($"test -c {path}"));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.True(Shell("test -c /dev/null"));
        // A file of our own, which is never anything but a file, is not written there at all.
        Assert.Equal(
            $"cannot write {path}: found a device; expected a file to replace",
            Assert.Throws<IOException>(() => AtomicFile.WriteAllText(path, "text")).Message
        );
    }

    [UnixFact]
    public async Task Write_OntoAPipe_ReachesItsReader()
    {
        using TempFolder folder = new();
        Assert.True(Shell($"mkfifo {folder["pipe.csv"]}"));
        var read = Task.Run(() => File.ReadAllText(folder["pipe.csv"]));
        var text = new string('x', 300_000);
        OutputFile.WriteAllText(folder["pipe.csv"], text);
        Assert.Equal(text, await read.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal([folder["pipe.csv"]], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Write_OntoAFolderASocketOrNothing_IsRefusedInOneLine()
    {
        using TempFolder folder = new();
        Refused(folder.Path, $"{folder.Path}: found a folder; expected a file to write to");
        Refused(folder["new"] + "/", $"'{folder["new"]}/': found no name of a file; expected one to write to");
        Refused("", "'': found no name of a file; expected one to write to");
        if (OperatingSystem.IsLinux())
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
            Refused(folder["socket"], $"{folder["socket"]}: found a socket; expected a file to write to");
        }

        static void Refused(string path, string message)
        {
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => OutputFile.WriteAllText(path, "text")).Message);
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => OutputFile.RefuseInputs(path, [])).Message);
        }
    }

    [Fact]
    public void RefuseInputs_AnyNameOfAnInput_IsRefused()
    {
        using TempFolder folder = new();
        Directory.CreateDirectory(folder["shards"]);
        var (input, shard) = (folder["in.csv"], folder["shards", "a.parquet"]);
        File.WriteAllText(input, "precious");
        File.WriteAllText(shard, "precious");
        File.CreateSymbolicLink(folder["link.csv"], input);
        List<string> names = [input, Path.Combine(folder.Path, "shards", "..", "in.csv"), folder["link.csv"], shard];
        if (Shell($"ln {input} {folder["hard.csv"]}"))
            names.Add(folder["hard.csv"]);
        foreach (var name in names)
            Assert.Equal(
                $"{name}: found an input; expected another file to write to",
                Assert.Throws<ArgumentException>(() => OutputFile.RefuseInputs(name, [folder["none"], input, folder["shards"]])).Message
            );
        File.WriteAllText(folder["other.csv"], "");
        OutputFile.RefuseInputs(folder["other.csv"], [input, folder["shards"]]);
        OutputFile.RefuseInputs(folder["new.csv"], [input, folder["shards"]]);
        if (File.Exists("/dev/null"))
            OutputFile.RefuseInputs("/dev/null", ["/dev/null"]);
    }

    /// <summary>What .NET has no call for; false where it is not allowed.</summary>
    internal static bool Shell(string command)
    {
        if (OperatingSystem.IsWindows())
            return false;
        using var process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardError = true, UseShellExecute = false }
        )!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test of what only Unix has.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no such files" : null;
}

/// <summary>Tests of what only Unix has.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no such files" : null;
}
