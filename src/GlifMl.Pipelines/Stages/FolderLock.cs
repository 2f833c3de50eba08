namespace GlifMl.Pipelines;

/// <summary>
/// Keeps a model's folder to one run at a time: two would take each other's half-trained state for their own. The system lets go of the
/// lock when the process ends, however it ends; the empty file that it is on stays.
/// </summary>
internal static class FolderLock
{
    /// <summary>Takes the folder.</summary>
    /// <param name="folder">The model's folder; made where there is none.</param>
    /// <returns>What holds it until it is disposed of.</returns>
    /// <exception cref="InvalidDataException">Another run is at work there.</exception>
    public static IDisposable Take(ModelDirectory folder)
    {
        Directory.CreateDirectory(folder.Checkpoint);
        try
        {
            return new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new InvalidDataException(
                $"{folder.Path}: found another run at work in this folder; expected none: wait for its end, "
                    + "or name another folder with --output",
                e
            );
        }
    }

    // A file in use: ERROR_SHARING_VIOLATION on Windows; elsewhere .NET gives EWOULDBLOCK of flock(2) as the HResult.
    private static bool IsHeld(IOException e) => e.GetType() == typeof(IOException) && (e.HResult & 0xFFFF) is 32 or 11 or 35;
}
