using PureHDF;
using PureHDF.VOL.Native;

namespace GlifMl.Datasets;

/// <summary>
/// An HDF5 file that may hold anything where its structure should be. PureHDF reads on for ever, allocates what a damaged length says and
/// throws whatever it runs into; so it reads here through a stream that has a limit, on a thread that has a stack of its own and whose
/// silence ends the reading, and all that it throws becomes one line.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    // PureHDF takes a few kilobytes of stack for a level of a group or a type; no file has more than some dozens of levels.
    private const int StackBytes = 4 << 20;

    // A chunk of 100 MB takes a second to unpack; nothing else is done without reading on.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly string _path;
    private readonly LimitedStream _stream;
    private NativeFile? _file;

    private Hdf5File(string path) => (_path, _stream) = (path, new LimitedStream(path));

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidDataException">It is no HDF5 file, or a damaged one.</exception>
    public static Hdf5File Open(string path)
    {
        var file = new Hdf5File(path);
        try
        {
            file._file = file.Guarded(() => H5File.Open(file._stream, leaveOpen: true));
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads something, all of it within one limit.</summary>
    /// <param name="read">What reads; it uses nothing of PureHDF afterwards.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or what is read says so.</exception>
    public T Read<T>(Func<NativeFile, T> read) => Guarded(() => read(_file!));

    /// <summary>An error of the file.</summary>
    public InvalidDataException Fault(string text) => new($"{_path}: {text}");

    /// <inheritdoc/>
    public void Dispose()
    {
        // PureHDF's own keeps nothing but the stream.
        _stream.Dispose();
    }

    private T Guarded<T>(Func<T> read)
    {
        var (result, thrown) = (default(T), default(Exception));
        var thread = new Thread(
            () =>
            {
                try
                {
                    _stream.Begin();
                    result = read();
                }
                catch (Exception e)
                {
                    thrown = e;
                }
            },
            StackBytes
        )
        {
            IsBackground = true,
            Name = "HDF5",
        };
        thread.Start();
        for (var before = -1L; !thread.Join(Silence); )
        {
            var now = _stream.Reads;
            if (now == before)
            {
                // The thread cannot be ended; whenever it reads again it is told to.
                _stream.Stop();
                throw DatasetErrors.NotHdf5(_path, $"nothing read for {Silence.TotalSeconds} s");
            }
            before = now;
        }
        return thrown switch
        {
            null => result!,
            InvalidDataException worded when DatasetErrors.IsWorded(worded, _path) => throw worded,
            // PureHDF says so of big-endian numbers, of filters that it does not know, of virtual datasets and the like.
            _ when thrown is not OutOfMemoryException && thrown.Message.Contains("support", StringComparison.OrdinalIgnoreCase) =>
                throw DatasetErrors.UnknownHdf5(_path, thrown),
            _ => throw DatasetErrors.NotHdf5(_path, thrown),
        };
    }
}
