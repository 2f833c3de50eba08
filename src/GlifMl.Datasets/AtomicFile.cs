namespace GlifMl.Datasets;

/// <summary>Files that appear whole or not at all: written beside their place, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>The ending of unfinished files. Readers ignore them.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Writes <paramref name="path"/>, replacing a file that is there; the folder is made when missing.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the content. When it throws, the temporary file is removed and <paramref name="path"/> stays as it was.</param>
    /// <exception cref="IOException">The folder cannot be written to, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        // Two processes may write the same small file at once (a manifest both have found complete): each has its own temporary file.
        string temporary = $"{path}.{Environment.ProcessId}{TemporarySuffix}";
        try
        {
            using (FileStream file = Create(temporary))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Opens a temporary file for writing, emptied if it is a leftover, refused while another process holds it.</summary>
    /// <remarks>Unbuffered: a full disk then fails the write itself, and closing the file has nothing left that could fail.</remarks>
    internal static FileStream Create(string temporary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(temporary))!);
        return new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    }
}
