using System.Runtime.InteropServices;

namespace GlifMl.Lstm;

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

/// <summary>
/// Where one direction's parameters, or their gradients, lie: nn.LSTM's layout, gates in the order i, f, g, o.
/// weight_ih [4H, In], weight_hh [4H, H], bias_ih [4H], bias_hh [4H].
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly unsafe struct LstmParameters(float* inputWeights, float* hiddenWeights, float* inputBias, float* hiddenBias)
{
    public float* InputWeights => inputWeights;

    public float* HiddenWeights => hiddenWeights;

    public float* InputBias => inputBias;

    public float* HiddenBias => hiddenBias;
}

/// <summary>Checks what a kernel would otherwise read beyond or count wrongly.</summary>
internal static class LstmChecks
{
    /// <summary>The longest trace: a sample's number is compared with a row's length in float lanes, which count exactly to here.</summary>
    public const int Longest = 1 << 24;

    /// <exception cref="ArgumentException">Not one length for each row, or one outside 1 to time.</exception>
    public static void RequireLengths(int[]? lengths, LstmGeometry g)
    {
        if (lengths is null)
            return;
        if (lengths.Length != g.Batch)
            throw new ArgumentException($"found {lengths.Length} lengths; expected one for each of {g.Batch} rows", nameof(lengths));
        var row = Array.FindIndex(lengths, length => length < 1 || length > g.Time);
        if (row >= 0)
            throw new ArgumentException($"found length {lengths[row]} in row {row}; expected 1 to {g.Time}", nameof(lengths));
    }

    /// <exception cref="ArgumentException">An array is not as long as the sizes say.</exception>
    public static void RequireCount(long found, long expected, string what)
    {
        if (found != expected)
            throw new ArgumentException($"found {found} numbers of {what}; expected {expected}");
    }
}
