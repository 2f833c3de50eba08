namespace GlifMl.Benchmarks.Kernels;

/// <summary>
/// What glibc's heap does with freed memory, as a variable of a child process (GNU C Library manual, "Memory Allocation Tunables"). Left to
/// itself it moves its limits with what has been freed before; either setting fixes them.
/// </summary>
internal static class HeapState
{
    private const string Variable = "GLIBC_TUNABLES";

    /// <summary>Back to the system wherever possible: the limits that each process starts with, 128 KiB.</summary>
    public static (string Name, string Value) GivesBack { get; } = Limits(mapping: 128 << 10, trimming: 128 << 10);

    /// <summary>Kept: 32 MiB is the highest limit that it takes for mapping.</summary>
    public static (string Name, string Value) Keeps { get; } = Limits(mapping: 32 << 20, trimming: 8L << 30);

    private static (string Name, string Value) Limits(long mapping, long trimming) =>
        (Variable, $"glibc.malloc.mmap_threshold={mapping}:glibc.malloc.trim_threshold={trimming}");
}
