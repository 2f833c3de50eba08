using System.Runtime.InteropServices;

namespace GlifMl.Torch;

/// <summary>
/// Keeps what libtorch frees in the process, for as long as it trains. Otherwise glibc hands large blocks back to the system and asks for
/// them anew at each step, and the pages' faults take more time than the arithmetic: nn.LSTM trains 1.7 to 7 times as quickly with the
/// heap kept, the fused kernel's short traces in nine tenths of the time; convolutions, GRU and linear layers alike either way.
/// </summary>
/// <remarks>Elsewhere than on glibc nothing happens.</remarks>
internal sealed unsafe class NativeHeap : IDisposable
{
    // Parameters of mallopt(3), by their numbers in malloc.h.
    private const int TrimThreshold = -1,
        TopPad = -2,
        MmapThreshold = -3;

    // Blocks of up to 1 GiB come from the heap, which grows by 64 MiB at a time and keeps up to 2 GiB of what is free at its end.
    private const int LargestBlock = 1 << 30,
        Growth = 64 << 20,
        LargestFree = int.MaxValue;

    // Afterwards the limits that glibc moves to by itself where large blocks are freed: it no longer moves those that were set.
    private const int LaterBlock = 32 << 20,
        LaterGrowth = 128 << 10,
        LaterFree = 2 * LaterBlock;

    private static readonly delegate* unmanaged<int, int, int> Mallopt = (delegate* unmanaged<int, int, int>)Find("mallopt");
    private static readonly delegate* unmanaged<nuint, int> MallocTrim = (delegate* unmanaged<nuint, int>)Find("malloc_trim");
    private static int _keepers;

    private NativeHeap() { }

    /// <summary>Keeps the heap until this and every other keeper is disposed of; then what is free goes back to the system.</summary>
    public static NativeHeap Keep()
    {
        if (Interlocked.Increment(ref _keepers) == 1)
            Set(LargestBlock, Growth, LargestFree);
        return new NativeHeap();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _keepers) > 0)
            return;
        Set(LaterBlock, LaterGrowth, LaterFree);
        if (MallocTrim != null)
            _ = MallocTrim(0);
    }

    private static void Set(int mmapThreshold, int topPad, int trimThreshold)
    {
        if (Mallopt == null)
            return;
        // Older versions take no more than what they move the limit to by themselves.
        if (Mallopt(MmapThreshold, mmapThreshold) == 0)
            _ = Mallopt(MmapThreshold, LaterBlock);
        _ = Mallopt(TopPad, topPad);
        _ = Mallopt(TrimThreshold, trimThreshold);
    }

    private static nint Find(string function) =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var libc)
        && NativeLibrary.TryGetExport(libc, function, out var address)
            ? address
            : 0;
}
