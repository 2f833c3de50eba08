using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GlifMl;

/// <summary>
/// A file that a user named, who may have named anything: a link is kept and what it leads to is replaced, at once and whole as by
/// <see cref="AtomicFile"/>; a pipe or a device is written into; a folder, a socket or a disk is refused.
/// </summary>
internal static class OutputFile
{
    /// <summary>Refuses a place that cannot be written to, before any work is done for it.</summary>
    /// <param name="path">What the user named.</param>
    /// <param name="inputs">What is read, folders included: none of it may be written over.</param>
    /// <exception cref="ArgumentException">The place is no place for a file, or one of the inputs.</exception>
    public static void RefuseInputs(string path, IEnumerable<string> inputs)
    {
        if (KindOf(path) != FileKind.Regular || !File.Exists(path))
            return;
        foreach (var input in inputs)
        {
            var files = Directory.Exists(input) ? Directory.EnumerateFiles(input) : [input];
            if (files.Any(file => File.Exists(file) && FileNode.AreSame(path, file)))
                throw new ArgumentException($"{path}: found an input; expected another file to write to");
        }
    }

    /// <summary>Writes a file; the folder is made when missing.</summary>
    /// <param name="path">What the user named.</param>
    /// <param name="write">Writes the content, from the start on. When it throws, a file that stood there stays.</param>
    /// <exception cref="ArgumentException">The place is no place for a file.</exception>
    /// <exception cref="IOException">It cannot be written to; the message names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (KindOf(path) == FileKind.Regular && Descriptor(path) is null)
        {
            AtomicFile.Write(path, write);
            return;
        }
        try
        {
            using var stream = OpenAsItIs(path);
            write(stream);
            stream.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes bytes.</summary>
    public static void WriteAllBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Whether the file is this process's standard output, where nothing else must then go.</summary>
    public static bool IsStandardOutput(string path) => Descriptor(path) == 1;

    private static FileKind KindOf(string path)
    {
        if (path.Length == 0 || Path.EndsInDirectorySeparator(path))
            throw new ArgumentException($"'{path}': found no name of a file; expected one to write to");
        var kind = FileNode.Of(path)?.Kind ?? FileKind.Regular;
        return kind is FileKind.Regular or FileKind.Pipe or FileKind.Device
            ? kind
            : throw new ArgumentException($"{path}: found a {FileNode.Word(kind)}; expected a file to write to");
    }

    /// <summary>
    /// The number of an open file of this process that a path such as <c>/dev/stdout</c> leads to; null for others. Its text is no path:
    /// <c>pipe:[4711]</c>, or a file that another program goes on writing to.
    /// </summary>
    private static int? Descriptor(string path)
    {
        for (var hops = 0; OperatingSystem.IsLinux() && hops < 40; hops++)
        {
            var full = Path.GetFullPath(path);
            var folder = Path.GetDirectoryName(full);
            if (folder is "/proc/self/fd" or "/dev/fd" || folder == $"/proc/{Environment.ProcessId}/fd")
                return int.TryParse(Path.GetFileName(full), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : null;
            if (new FileInfo(full).LinkTarget is not { } target)
                return null;
            path = Path.Combine(folder ?? "/", target);
        }
        return null;
    }

    private static Stream OpenAsItIs(string path) =>
        Descriptor(path) switch
        {
            1 => Console.OpenStandardOutput(),
            2 => Console.OpenStandardError(),
            { } number => new FileStream(new SafeFileHandle(number, ownsHandle: false), FileAccess.Write, bufferSize: 0),
            null => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0),
        };
}
