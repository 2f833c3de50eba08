using System.Runtime.InteropServices;

namespace GlifMl;

/// <summary>What stands at a path, behind all links, as the file system knows it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The file system that it is on; null where the operating system is not asked.</param>
/// <param name="Number">Its number there: one file has one, whatever its names are.</param>
/// <param name="User">Who owns it.</param>
/// <param name="Group">Which group owns it.</param>
/// <remarks>
/// .NET tells files from folders and from nothing else. Linux is asked itself, by statx(2), whose answer has one layout on all processors;
/// elsewhere everything counts as a file that is no folder and does not stand under /dev.
/// </remarks>
internal sealed partial record FileNode(FileKind Kind, (uint Major, uint Minor)? Device, ulong Number, uint User, uint Group)
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7ff;

    /// <summary>What a path leads to; null where there is nothing.</summary>
    public static FileNode? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return StatX(CurrentFolder, path, 0, BasicStats, out var status) == 0 ? Of(status) : null;
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018.
            }
        }
        var kind =
            Directory.Exists(path) ? FileKind.Folder
            : Path.GetFullPath(TargetOf(path)).StartsWith("/dev/", StringComparison.Ordinal) ? FileKind.Device
            : FileKind.Regular;
        return Path.Exists(path) ? new(kind, null, 0, 0, 0) : null;
    }

    /// <summary>Whether two paths lead to one file; where the operating system is not asked, by their names behind links.</summary>
    public static bool AreSame(string a, string b) =>
        Of(a) is { } first && Of(b) is { } second && first.Device is not null
            ? first.Device == second.Device && first.Number == second.Number
            : Path.GetFullPath(TargetOf(a)) == Path.GetFullPath(TargetOf(b));

    /// <summary>Where the links at a path lead, perhaps to nothing yet; the path itself where there is no link.</summary>
    /// <remarks>.NET looks for the target of a link that has a name only, <c>link.csv</c>, in the root: it gets a whole path.</remarks>
    public static string TargetOf(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(Path.GetFullPath(path), returnFinalTarget: true)!.FullName;

    /// <summary>What a message calls a kind.</summary>
    public static string Word(FileKind kind) => kind == FileKind.Regular ? "file" : kind.ToString().ToLowerInvariant();

    /// <summary>Gives a file another owner, where that is allowed.</summary>
    public void GiveOwnerTo(string path)
    {
        if (OperatingSystem.IsLinux() && Of(path) is { } node && (node.User, node.Group) != (User, Group))
            _ = ChangeOwner(path, User, Group);
    }

    private static FileNode Of(in Status status) =>
        new(
            (status.Mode >> 12) switch
            {
                0x1 => FileKind.Pipe,
                0x2 => FileKind.Device,
                0x4 => FileKind.Folder,
                0x6 => FileKind.Disk,
                0xC => FileKind.Socket,
                _ => FileKind.Regular,
            },
            (status.DeviceMajor, status.DeviceMinor),
            status.Number,
            status.User,
            status.Group
        );

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Status status);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}

/// <summary>Kinds of files.</summary>
internal enum FileKind
{
    Regular,
    Folder,
    Pipe,

    /// <summary>One of characters, such as a terminal or <c>/dev/null</c>.</summary>
    Device,

    /// <summary>A device of blocks.</summary>
    Disk,
    Socket,
}
