using System.Runtime.InteropServices;

namespace GlifMl.Torch;

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
