using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

/// <summary>
/// A block of native memory, zeroed by default, cut into arrays aligned to cache lines. A pointer type: it takes no managed memory.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct NativeFloats(long floats, bool zeroed = true) : IDisposable
{
    private const int CacheLineFloats = 16;
    private float* _start = Allocate(floats, zeroed);
    private long _used;

    public readonly float* Start => _start;

    /// <summary>What an array of that many floats takes of a block.</summary>
    public static long Padded(long floats) => (floats + CacheLineFloats - 1) / CacheLineFloats * CacheLineFloats;

    public float* Take(long count)
    {
        var array = _start + _used;
        _used += Padded(count);
        return array;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }

    private static float* Allocate(long floats, bool zeroed)
    {
        var bytes = (nuint)(Padded(floats) * sizeof(float));
        var start = (float*)NativeMemory.AlignedAlloc(bytes, CacheLineFloats * sizeof(float));
        if (zeroed)
            NativeMemory.Clear(start, bytes);
        return start;
    }
}
