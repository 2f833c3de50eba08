using System.Runtime.InteropServices;

namespace GlifMl.Torch;

/// <summary>The calls of Open MPI that training needs. They come from one thread.</summary>
internal static unsafe class Mpi
{
    private const string Library = "libmpi.so.40"; // Open MPI 3 to 5
    private const int Serialized = 2; // MPI_THREAD_SERIALIZED
    private const int NowAndGlobal = 0x102; // RTLD_NOW | RTLD_GLOBAL

    private static readonly nint Handle = Load();

    // Handles of Open MPI are addresses of structures that the library exports.
    private static readonly nint World = NativeLibrary.GetExport(Handle, "ompi_mpi_comm_world"),
        Double = NativeLibrary.GetExport(Handle, "ompi_mpi_double"),
        Byte = NativeLibrary.GetExport(Handle, "ompi_mpi_byte");

    private static readonly delegate* unmanaged<nint, nint, int, int*, int> InitThread = (delegate* unmanaged<
        nint,
        nint,
        int,
        int*,
        int>)Export("MPI_Init_thread");
    private static readonly delegate* unmanaged<nint, int*, int> CommRank = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank");
    private static readonly delegate* unmanaged<nint, int*, int> CommSize = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size");
    private static readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> Ialltoall = (delegate* unmanaged<
        void*,
        int,
        nint,
        void*,
        int,
        nint,
        nint,
        nint*,
        int>)Export("MPI_Ialltoall");
    private static readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> Iallgather = (delegate* unmanaged<
        void*,
        int,
        nint,
        void*,
        int,
        nint,
        nint,
        nint*,
        int>)Export("MPI_Iallgather");
    private static readonly delegate* unmanaged<void*, int, nint, int, nint, nint*, int> Ibcast = (delegate* unmanaged<
        void*,
        int,
        nint,
        int,
        nint,
        nint*,
        int>)Export("MPI_Ibcast");
    private static readonly delegate* unmanaged<nint*, int*, nint, int> Test = (delegate* unmanaged<nint*, int*, nint, int>)Export(
        "MPI_Test"
    );
    private static readonly delegate* unmanaged<int> FinalizeAll = (delegate* unmanaged<int>)Export("MPI_Finalize");

    /// <summary>Joins the processes that mpirun or srun started; a process that nobody started is alone.</summary>
    /// <returns>The number of this process, from 0, and how many there are.</returns>
    /// <exception cref="DllNotFoundException">There is no Open MPI on this machine.</exception>
    public static (int Rank, int Count) Join()
    {
        int given,
            rank,
            count;
        Require(InitThread(0, 0, Serialized, &given), "MPI_Init_thread");
        Require(CommRank(World, &rank), "MPI_Comm_rank");
        Require(CommSize(World, &count), "MPI_Comm_size");
        return (rank, count);
    }

    /// <summary>Sends piece k of what is sent to process k, and receives a piece of each, in their order.</summary>
    public static void Exchange(double* sent, double* received, int piece, CancellationToken cancellation)
    {
        nint request;
        Require(Ialltoall(sent, piece, Double, received, piece, Double, World, &request), "MPI_Ialltoall");
        Await(request, cancellation);
    }

    /// <summary>Gives every process the pieces of all, in their order.</summary>
    public static void Gather(double* sent, double* received, int piece, CancellationToken cancellation)
    {
        nint request;
        Require(Iallgather(sent, piece, Double, received, piece, Double, World, &request), "MPI_Iallgather");
        Await(request, cancellation);
    }

    /// <summary>Gives every process the bytes of the first one.</summary>
    public static void Broadcast(Span<byte> bytes, CancellationToken cancellation)
    {
        fixed (byte* start = bytes)
        {
            nint request;
            Require(Ibcast(start, bytes.Length, Byte, 0, World, &request), "MPI_Ibcast");
            Await(request, cancellation);
        }
    }

    /// <summary>Ends what <see cref="Join"/> began, once all processes are here.</summary>
    public static void Leave() => _ = FinalizeAll();

    /// <summary>
    /// Waits without waiting in the library: a process whose peer is gone would never come back from there, and one that shares its core
    /// with the peer would keep it from working.
    /// </summary>
    private static void Await(nint request, CancellationToken cancellation)
    {
        var done = 0;
        for (var tries = 0; ; tries++)
        {
            Require(Test(&request, &done, 0), "MPI_Test");
            if (done != 0)
                return;
            cancellation.ThrowIfCancellationRequested();
            if (tries < 200)
                Thread.SpinWait(20);
            else
                Thread.Yield();
        }
    }

    private static void Require(int code, string call)
    {
        if (code != 0)
            throw new InvalidOperationException($"{call}: found MPI's error {code}; expected none: another process may have ended");
    }

    private static nint Load()
    {
        // Global: the library's own plug-ins look for its symbols there.
        var handle = OperatingSystem.IsLinux() ? dlopen(Library, NowAndGlobal) : 0;
        return handle != 0
            ? handle
            : throw new DllNotFoundException(
                $"found no {Library}; expected Open MPI on this machine "
                    + "(Debian, Ubuntu: apt-get install openmpi-bin; clusters: module load openmpi)"
            );
    }

    private static nint Export(string name) => NativeLibrary.GetExport(Handle, name);

    [DllImport("libdl.so.2", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint dlopen(string file, int flags);
}
