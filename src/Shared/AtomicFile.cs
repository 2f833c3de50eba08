namespace GlifMl;

/// <summary>
/// Files that are there whole or not at all: a temporary file beside the target, flushed to disk, then renamed.
/// Compiled into each project, because the two roots of the project graph share no assembly.
/// </summary>
internal static class AtomicFile
{
    /// <summary>The ending of unfinished files. Readers ignore them.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes <paramref name="path"/>, replacing a file that is there; the folder is made when missing.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the content. When it throws, the temporary file is removed and what stood at the path stays.</param>
    /// <exception cref="IOException">The folder cannot be written to, or the disk is full; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Two processes may write the same small file at once (a manifest both have found complete): each has its own temporary file.
        var temporary = $"{path}.{Environment.ProcessId}{TemporarySuffix}";
        try
        {
            using (var file = Create(temporary))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            // Where the folder could not be made, deleting would fail too, and hide why.
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (e is IOException and not FileNotFoundException and not DirectoryNotFoundException)
                throw new IOException($"cannot write {path}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Writes bytes.</summary>
    public static void WriteAllBytes(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Opens a temporary file for writing, emptied if it is a leftover, refused while another process holds it.</summary>
    /// <remarks>Unbuffered: a full disk then fails the write itself, and closing the file has nothing left that could fail.</remarks>
    public static FileStream Create(string temporary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(temporary))!);
        return new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    }
}
