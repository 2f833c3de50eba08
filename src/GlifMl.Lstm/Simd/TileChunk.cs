using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

/// <summary>The working memory of a chunk of steps.</summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct TileChunk
{
    /// <summary>Operands of each step and of the one after the last, whose hidden state is the chunk's result.</summary>
    public float* Slots;

    /// <summary>Cell states before each step and after the last; without a tape one state, updated in place.</summary>
    public float* Cells;

    /// <summary>What backward needs of each step; unused without a tape.</summary>
    public float* Tape;

    /// <summary>Where backward leaves the gates' gradients, laid out like the tape, which they may replace.</summary>
    public float* GateGradients;

    /// <summary>Valid samples of the row in each lane; null where every row is valid throughout the chunk.</summary>
    public float* Lengths;

    public int FirstStep;

    public int Steps;

    /// <summary>The sample of the first step.</summary>
    public int FirstSample;

    /// <summary>1 forward, -1 reverse.</summary>
    public int SampleIncrement;

    public static TileChunk Of(LstmTile tile, int firstStep, int chunkSteps) =>
        new()
        {
            FirstStep = firstStep,
            Steps = Math.Min(chunkSteps, tile.Steps - firstStep),
            FirstSample = tile.SampleOf(firstStep),
            SampleIncrement = tile.Direction == 0 ? 1 : -1,
        };
}

/// <summary>The gradients that travel back through a tile's chunks.</summary>
[StructLayout(LayoutKind.Auto)]
internal unsafe struct TileGradients
{
    /// <summary>Of the hidden state after the step at hand.</summary>
    public float* Hidden;

    /// <summary>Of the cell state after the step at hand.</summary>
    public float* Cell;

    /// <summary>What the time mean adds to every valid step's hidden state.</summary>
    public float* Mean;

    /// <summary>What the sequence adds, one state a step of the chunk; null where it is not used.</summary>
    public float* Sequence;

    /// <summary>Of the samples, to be written, one a step of the chunk; null where nobody asks for them.</summary>
    public float* Sample;
}

/// <summary>
/// What a tile keeps from its forward pass for its backward pass: the states at the start of each chunk, or its whole tape.
/// </summary>
internal static unsafe class TileMemory
{
    /// <summary>The tile's slots, tape and cells in the memory that lives until backward.</summary>
    public static TileChunk KeptTape(LstmCall call, LstmTile tile, TileSizes sizes)
    {
        var slots = call.Checkpoints + tile.CheckpointOffset;
        var tape = slots + (tile.Steps + 1L) * sizes.Slot;
        return new()
        {
            Slots = slots,
            Tape = tape,
            Cells = tape + (tile.Steps + 1L) * sizes.Tape,
        };
    }

    /// <summary>That memory comes as it is: lanes without a row must read zeros, and so must states without initial values.</summary>
    public static void PrepareKept(LstmTile tile, TileSizes sizes, in TileChunk kept)
    {
        var cleared = tile.Rows < sizes.Traces ? (tile.Steps + 1L) * sizes.Slot : sizes.State;
        NativeMemory.Clear(kept.Slots, (nuint)(cleared * sizeof(float)));
        NativeMemory.Clear(kept.Cells, (nuint)(sizes.State * sizeof(float)));
        SetOnes(sizes, kept.Slots, tile.Steps);
    }

    public static void SetOnes(TileSizes sizes, float* slots, int steps)
    {
        for (var step = 0; step < steps; step++)
            new Span<float>(slots + (long)step * sizes.Slot + sizes.OperandOffset(sizes.Operands - 1), sizes.OperandStride).Fill(1);
    }

    public static float* Checkpoint(LstmCall call, LstmTile tile, TileSizes sizes, int firstStep) =>
        call.Checkpoints + tile.CheckpointOffset + (long)(firstStep / sizes.Segment) * sizes.Checkpoint;

    public static void SaveCheckpoint(float* checkpoint, float* hidden, float* cell, int state)
    {
        Copy(hidden, checkpoint, state);
        Copy(cell, checkpoint + state, state);
    }

    public static void RestoreCheckpoint(float* checkpoint, float* hidden, float* cell, int state)
    {
        Copy(checkpoint, hidden, state);
        Copy(checkpoint + state, cell, state);
    }

    public static void Copy(float* from, float* to, int count) => new Span<float>(from, count).CopyTo(new Span<float>(to, count));
}

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
