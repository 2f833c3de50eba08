using System.Runtime.InteropServices;

namespace GlifMl;

/// <summary>What stands at a path, behind all links, as the file system knows it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The file system that it is on; null where the operating system is not asked.</param>
/// <param name="Number">Its number there: one file has one, whatever its names are.</param>
/// <param name="User">Who owns it.</param>
/// <param name="Group">Which group owns it.</param>
/// <param name="Mode">Its permissions, and who may remove what stands in a folder.</param>
/// <remarks>
/// .NET tells files from folders and from nothing else. Linux is asked itself, by statx(2), whose answer has one layout on all processors;
/// elsewhere everything counts as a file that is no folder and does not stand under /dev.
/// </remarks>
internal sealed partial record FileNode(FileKind Kind, (uint Major, uint Minor)? Device, ulong Number, uint User, uint Group, ushort Mode)
{
    private const int CurrentFolder = -100;
    private const int NotBehindLinks = 0x100;
    private const uint BasicStats = 0x7ff;

    // stat(2): in a folder with the first bit only a file's owner may remove it; with the second, everybody may write.
    private const int Sticky = 0x200,
        OpenToAll = 0x2,
        OpenToGroup = 0x10;

    private static readonly bool IsAsked = HasStatX();

    /// <summary>What a path leads to; null where there is nothing.</summary>
    public static FileNode? Of(string path)
    {
        if (IsAsked)
            return Ask(path, 0);
        var kind =
            Directory.Exists(path) ? FileKind.Folder
            : Path.GetFullPath(TargetOf(path)).StartsWith("/dev/", StringComparison.Ordinal) ? FileKind.Device
            : FileKind.Regular;
        return Path.Exists(path) ? new(kind, null, 0, 0, 0, 0) : null;
    }

    /// <summary>Whether a path is a file or a folder of this user and no link; true where the operating system is not asked.</summary>
    public static bool IsOwn(string path) =>
        !IsAsked || Ask(path, NotBehindLinks) is { Kind: FileKind.Regular or FileKind.Folder } node && node.User == CurrentUser();

    /// <summary>
    /// Whether nobody but this user and root can change what stands at a path: it and every folder above it, behind all links, is theirs
    /// and open to no one else for writing; a folder above may be open where nobody may remove what is another's. True where the operating
    /// system is not asked.
    /// </summary>
    public static bool IsTrusted(string path)
    {
        if (!IsAsked)
            return true;
        var full = Path.GetFullPath(TargetOf(path));
        for (var at = full; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Ask(at, 0) is not { } node || (node.User != 0 && node.User != CurrentUser()))
                return false;
            // A group of the user's own number has no other member.
            var isOpen = (node.Mode & OpenToAll) != 0 || ((node.Mode & OpenToGroup) != 0 && node.Group != node.User);
            if (isOpen && (at == full || (node.Mode & Sticky) == 0))
                return false;
        }

        return true;
    }

    /// <summary>Whether two paths lead to one file; where the operating system is not asked, by their names behind links.</summary>
    public static bool AreSame(string a, string b) =>
        Of(a) is { } first && Of(b) is { } second && first.Device is not null
            ? first.IsSameAs(second)
            : Path.GetFullPath(TargetOf(a)) == Path.GetFullPath(TargetOf(b));

    /// <summary>Whether another one is the same file, under whatever name.</summary>
    public bool IsSameAs(FileNode? other) => other is not null && other.Device == Device && other.Number == Number;

    /// <summary>Where the links at a path lead, perhaps to nothing yet; the path itself where there is no link.</summary>
    /// <exception cref="IOException">The links lead in a circle, or another user may have set a trap.</exception>
    public static string TargetOf(string path)
    {
        if (new FileInfo(path).LinkTarget is null)
            return path;
        // .NET looks for the target of a link that has a name only, link.csv, in the root.
        path = Path.GetFullPath(path);
        return IsTrap(path)
            ? throw new IOException("found a link of another user in a folder that is open to all; expected none")
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
    }

    /// <summary>What a message calls a kind.</summary>
    public static string Word(FileKind kind) => kind == FileKind.Regular ? "file" : kind.ToString().ToLowerInvariant();

    /// <summary>Gives a file another owner, where that is allowed.</summary>
    public void GiveOwnerTo(string path)
    {
        if (IsAsked && Of(path) is { } node && (node.User, node.Group) != (User, Group))
            _ = ChangeOwner(path, User, Group);
    }

    /// <summary>
    /// As the kernel sees it with fs.protected_symlinks: in /tmp no link is followed but one's own and the folder owner's.
    /// </summary>
    private static bool IsTrap(string path) =>
        IsAsked
        && Ask(Path.GetDirectoryName(path)!, 0) is { } folder
        && (folder.Mode & (Sticky | OpenToAll)) == (Sticky | OpenToAll)
        && Ask(path, NotBehindLinks) is { } link
        && link.User != CurrentUser()
        && link.User != folder.User;

    /// <summary>Linux has it since 2017, the C library since 2018.</summary>
    private static bool HasStatX()
    {
        try
        {
            return OperatingSystem.IsLinux() && StatX(CurrentFolder, "/", 0, BasicStats, out _) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static FileNode? Ask(string path, int flags) =>
        StatX(CurrentFolder, path, flags, BasicStats, out var status) == 0 ? Of(status) : null;

    private static FileNode Of(in Status status) =>
        new(
            (status.Mode >> 12) switch
            {
                0x1 => FileKind.Pipe,
                0x2 => FileKind.Device,
                0x4 => FileKind.Folder,
                0x6 => FileKind.Disk,
                0xA => FileKind.Link,
                0xC => FileKind.Socket,
                _ => FileKind.Regular,
            },
            (status.DeviceMajor, status.DeviceMinor),
            status.Number,
            status.User,
            status.Group,
            status.Mode
        );

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Status status);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint CurrentUser();

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

    /// <summary>What is asked for itself, not for what it leads to.</summary>
    Link,
}
