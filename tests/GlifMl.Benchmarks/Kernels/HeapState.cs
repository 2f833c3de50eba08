namespace GlifMl.Benchmarks.Kernels;

/// <summary>
/// What glibc's heap does with freed memory, as a variable of a child process (GNU C Library manual, "Memory Allocation Tunables"). Left to
/// itself it moves its limits with what has been freed before; this fixes them.
/// </summary>
internal static class HeapState
{
    private const int Limit = 128 << 10;

    /// <summary>Back to the system wherever possible: the limits that each process starts with, 128 KiB.</summary>
    public static (string Name, string Value) GivesBack { get; } =
        ("GLIBC_TUNABLES", $"glibc.malloc.mmap_threshold={Limit}:glibc.malloc.trim_threshold={Limit}");
}
