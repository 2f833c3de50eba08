namespace GlifMl.Torch;

/// <summary>
/// One backward pass: gradients of the outputs (null where an output was not used), and where the gradients of the inputs go.
/// </summary>
internal sealed unsafe class LstmGradients
{
    /// <summary>[Batch, Directions * Hidden].</summary>
    public float* FinalHidden { get; init; }

    /// <summary>[Batch, Directions * Hidden].</summary>
    public float* FinalCell { get; init; }

    /// <summary>[Batch, Directions * Hidden].</summary>
    public float* TimeMean { get; init; }

    /// <summary>[Batch, Time, Directions * Hidden].</summary>
    public float* Sequence { get; init; }

    /// <summary>One for each direction; overwritten.</summary>
    public required LstmParameters[] Parameters { get; init; }

    /// <summary>[Batch, Time, Inputs]; overwritten; null where nobody asks for it.</summary>
    public float* Input { get; init; }

    /// <summary>[Directions, Batch, Hidden]; overwritten; null where nobody asks for it.</summary>
    public float* InitialHidden { get; init; }

    /// <summary>[Directions, Batch, Hidden]; overwritten; null where nobody asks for it.</summary>
    public float* InitialCell { get; init; }
}
