using System.Runtime.InteropServices;

namespace GlifMl.Torch;

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
