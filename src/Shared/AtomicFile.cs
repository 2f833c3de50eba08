using System.Collections.Concurrent;
using System.Text;

namespace GlifMl;

/// <summary>
/// A file that is there whole or not at all: a temporary file beside the target, flushed to disk, then renamed. A file that is replaced
/// hands down its permissions and its owner; a link stays, and what it leads to is replaced. Any number of processes may write the same
/// file at once; each has a temporary file of its own, and the last one's stays. What killed processes left is removed by the next one that
/// writes into the folder. Compiled into each project, because the two roots of the project graph share no assembly.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>Folders that this process has looked for leftovers in.</summary>
    private static readonly ConcurrentDictionary<string, bool> Cleaned = new(StringComparer.Ordinal);

    private readonly string _path;
    private readonly string _target;
    private readonly string _temporary;
    private readonly FileNode? _node;
    private bool _done;

    private AtomicFile(string path, string target, string temporary)
    {
        _path = path;
        _target = target;
        _temporary = temporary;
        Stream = Open(target, temporary);
        _node = FileNode.Of(temporary);
    }

    /// <summary>Takes the content.</summary>
    /// <remarks>Unbuffered: a full disk then fails the write itself, and closing the file has nothing left that could fail.</remarks>
    public FileStream Stream { get; }

    /// <summary>Starts a file; the folder is made when missing.</summary>
    /// <exception cref="IOException">The folder cannot be written to; the message names the file.</exception>
    public static AtomicFile Create(string path)
    {
        try
        {
            var target = FileNode.TargetOf(path);
            if (FileNode.Of(target)?.Kind is { } kind and not FileKind.Regular)
                throw new IOException($"found a {FileNode.Word(kind)}; expected a file to replace");
            var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
            Directory.CreateDirectory(folder);
            if (Cleaned.TryAdd(folder, true))
                RemoveLeftovers(folder);
            return new(path, target, TemporaryName.Beside(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Adds to the content.</summary>
    /// <exception cref="IOException">The disk is full or gone; the message names the file.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw CannotWrite(_path, e);
        }
    }

    /// <summary>Gives the file its name, replacing one that is there.</summary>
    /// <exception cref="IOException">The disk is full or gone; the message names the file.</exception>
    public void Commit()
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            // As long as it is open, and so up to its name, the file is locked; Windows renames no open files.
            if (OperatingSystem.IsWindows())
                Stream.Dispose();
            Rename();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(_path, e);
        }
        _done = true;
        Stream.Dispose();
    }

    /// <summary>Removes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        if (_done)
            return;
        _done = true;
        Delete(_temporary);
    }

    /// <summary>Writes <paramref name="path"/>, replacing a file that is there; the folder is made when missing.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the content. When it throws, the temporary file is removed and what stood at the path stays.</param>
    /// <exception cref="IOException">The folder cannot be written to, or the disk is full; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = Create(path);
        try
        {
            write(file.Stream);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw CannotWrite(path, e);
        }
        file.Commit();
    }

    /// <summary>Writes bytes.</summary>
    public static void WriteAllBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// Removes the temporary files of this user's processes that are gone; those of running ones stay, and so does every other file.
    /// </summary>
    public static void RemoveLeftovers(string folder)
    {
        string[] found;
        try
        {
            found = Directory.GetFiles(folder, "*" + TemporaryName.Suffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no such folder yet, or it may be written to and not be listed.
            return;
        }
        foreach (var file in found)
        {
            if (TemporaryName.IsAbandoned(file) && FileNode.IsOwn(file) && !IsLocked(file))
                Delete(file);
        }
    }

    /// <summary>
    /// A network file system whose answer was lost is asked once more, and then finds nothing to rename: the file has its name already.
    /// </summary>
    private void Rename()
    {
        try
        {
            File.Move(_temporary, _target, overwrite: true);
        }
        catch (FileNotFoundException) when (_node?.Device is not null && _node.IsSameAs(FileNode.Of(_target))) { }
    }

    private static FileStream Open(string target, string temporary)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows() || !File.Exists(target))
            return new(temporary, options);
        // From the start no more people may read it than may read what it replaces; what the process masks out is added afterwards.
        var mode = File.GetUnixFileMode(target);
        options.UnixCreateMode = mode;
        FileStream stream = new(temporary, options);
        FileNode.Of(target)?.GiveOwnerTo(temporary);
        File.SetUnixFileMode(stream.SafeFileHandle, mode);
        return stream;
    }

    /// <summary>Whether a process that cannot be seen from here, such as one of another container, has the file open.</summary>
    private static bool IsLocked(string file)
    {
        try
        {
            using var held = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>A temporary file that cannot be removed is no reason to fail: the next run finds it.</summary>
    private static void Delete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
    }

    private static IOException CannotWrite(string path, Exception e) => new($"cannot write {path}: {e.Message}", e);
}
