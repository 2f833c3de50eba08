namespace GlifMl.Torch;

/// <summary>
/// One forward pass of a layer over raw memory. The caller owns the memory and keeps it alive; null outputs are not computed.
/// </summary>
internal sealed unsafe class LstmCall
{
    public required LstmGeometry Geometry { get; init; }

    /// <summary>One for each direction.</summary>
    public required LstmParameters[] Parameters { get; init; }

    /// <summary>[Batch, Time, Inputs].</summary>
    public required float* Input { get; init; }

    /// <summary>Valid samples of each row, 1 to Time; null where every row is full.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>[Directions, Batch, Hidden]; null stands for zeros.</summary>
    public float* InitialHidden { get; init; }

    /// <summary>[Directions, Batch, Hidden]; null stands for zeros.</summary>
    public float* InitialCell { get; init; }

    /// <summary>[Batch, Directions * Hidden]: forward after a row's last valid sample, reverse after its first.</summary>
    public required float* FinalHidden { get; init; }

    /// <summary>[Batch, Directions * Hidden].</summary>
    public float* FinalCell { get; init; }

    /// <summary>[Batch, Directions * Hidden]: the mean of the hidden states over a row's valid samples.</summary>
    public float* TimeMean { get; init; }

    /// <summary>[Batch, Time, Directions * Hidden]; zero beyond a row's valid samples.</summary>
    public float* Sequence { get; init; }

    /// <summary>What backward needs besides the inputs, <see cref="ILstmKernel.CheckpointFloats"/> long; null for inference.</summary>
    public float* Checkpoints { get; init; }

    public int LengthOf(int row) => Lengths is null ? Geometry.Time : Lengths[row];
}
