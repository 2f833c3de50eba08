using System.Diagnostics;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Faults;

/// <summary>
/// A disk that is full, cannot be written to, or loses a folder in the middle of a run: one line, and afterwards all goes on.
/// </summary>
public sealed class DiskTests : IDisposable
{
    private readonly FaultWorkspace _at = new();
    private readonly string _disk;

    public DiskTests()
    {
        _disk = _at["disk"];
        Directory.CreateDirectory(_disk);
    }

    public void Dispose()
    {
        Mount.Run("umount", _disk);
        _at.Dispose();
    }

    [MountTheory]
    [InlineData(150)]
    public void Run_DiskFullOnTheWay_SaysSoAndGoesOnWhereThereIsRoom(int kibibytes)
    {
        Assert.True(Mount.Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "none", _disk));

        var (code, _, error) = Run();

        Assert.Equal(1, code);
        Assert.Matches("^glifml: [^\n]*(No space left on device|disk)[^\n]*\n$", error);
        Assert.True(Mount.Run("mount", "-o", "remount,size=64m", _disk));
        AssertEndsAsUndisturbed();
    }

    [MountFact]
    public void Run_DiskThatCannotBeWrittenTo_SaysSoBeforeAnythingIsSimulated()
    {
        Assert.True(Mount.Run("mount", "-t", "tmpfs", "-o", "size=64m,ro", "none", _disk));

        var (code, _, error) = Run();

        Assert.Equal(1, code);
        Assert.Matches("^glifml: [^\n]*Read-only file system[^\n]*\n$", error);
        Assert.True(Mount.Run("mount", "-o", "remount,rw", _disk));
        AssertEndsAsUndisturbed();
    }

    [UnixFact]
    public void Run_FolderTakenAwayOnTheWay_EndsSoonAndGoesOn()
    {
        using var process = GlifmlProcess.Start([], Arguments());
        var start = Stopwatch.GetTimestamp();
        while (!Directory.Exists(Model) && !process.HasExited && Stopwatch.GetElapsedTime(start).TotalSeconds < 60)
            Thread.Sleep(5);
        if (Directory.Exists(Model))
            Directory.Delete(Model, recursive: true);
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the process does not end");
        var error = process.StandardError.ReadToEnd();

        Assert.True(process.ExitCode is 0 or 1 or 2, error);
        Assert.DoesNotContain("not foreseen", error, StringComparison.Ordinal);
        AssertEndsAsUndisturbed();
    }

    private string Data => Path.Combine(_disk, "shards");

    private string Model => Path.Combine(_disk, "model");

    private string[] Arguments() => ["run", _at.Definition, "--data", Data, "--output", Model, "--quiet"];

    private (int Code, string Output, string Error) Run(params string[] more) => GlifmlProcess.Run([], [.. Arguments(), .. more]);

    private void AssertEndsAsUndisturbed()
    {
        var (code, _, error) = Run("--resume");
        Assert.True(code == 0, error);
        Assert.Equal([], _at.Leftovers());
        // As deep: a model names its neuron by the way there.
        using FaultWorkspace other = new();
        var (data, model) = (other["disk/shards"], other["disk/model"]);
        var whole = GlifmlProcess.Run([], ["run", other.Definition, "--data", data, "--output", model, "--quiet"]);
        Assert.True(whole.Code == 0, whole.Error);
        foreach (var file in (string[])["model.onnx", "predictions.csv"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(model, file)), File.ReadAllBytes(Path.Combine(Model, file)));
    }
}

/// <summary>Mounting, for tests of disks.</summary>
internal static class Mount
{
    /// <summary>Whether this user may: tried once.</summary>
    public static bool IsAllowed { get; } = Try();

    public static bool Run(string program, params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false }
            )!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static bool Try()
    {
        var folder = Directory.CreateTempSubdirectory("glifml-mount-").FullName;
        var isAllowed = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder);
        if (isAllowed)
            Run("umount", folder);
        Directory.Delete(folder);
        return isAllowed;
    }
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = Mount.IsAllowed ? null : "mounting a disk needs root";
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountTheoryAttribute : TheoryAttribute
{
    public MountTheoryAttribute() => Skip = Mount.IsAllowed ? null : "mounting a disk needs root";
}
