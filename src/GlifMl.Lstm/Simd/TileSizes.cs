using System.Globalization;

namespace GlifMl.Lstm;

/// <summary>
/// How a tile's numbers lie in memory, in floats. A <i>slot</i> holds the operands of one time step: hidden state before it, sample, a one
/// for the bias. A <i>tape</i> entry holds what the backward pass needs of one step: i, f, g, o and tanh(c), each the size of a state.
/// Element (unit or channel n, trace r) of a state or sample lies at n * OperandStride + r in both layouts.
/// </summary>
internal sealed record TileSizes(
    LstmGeometry Geometry,
    int Width,
    int Traces,
    int UnitsPerVector,
    int WeightStride,
    int OperandStride,
    long KeptTapeBytes
)
{
    public const int TapeStates = 5;

    /// <summary>Vectors of results that the transposed products compute together.</summary>
    public const int ResultBlock = 4;

    /// <summary>Operands whose weight gradients are summed together.</summary>
    public const int OperandBlock = 4;

    private const int CacheLineFloats = 16;
    private const int LongestChunk = 256;
    private const int ShortestChunk = 8;
    private const int SegmentsOfRowAlone = 4;

    /// <summary>Vectors of a state.</summary>
    public int StateVectors { get; } = DivideUp(Geometry.Hidden, UnitsPerVector);

    /// <summary>Vectors of a sample's gradient.</summary>
    public int InputVectors { get; } = DivideUp(Geometry.Inputs, UnitsPerVector);

    public int State => StateVectors * Width;

    public int Sample => InputVectors * Width;

    /// <summary>Hidden states, samples and the one.</summary>
    public int Operands => Geometry.Hidden + Geometry.Inputs + 1;

    public int Slot => OddLines(State + (Geometry.Inputs + 1) * OperandStride);

    public int Tape => OddLines(TapeStates * State);

    /// <summary>Whether traces are so short that forward keeps the whole tape for backward, which then recomputes nothing.</summary>
    public bool KeepsTape => Geometry.Time * (long)(Slot + State + Tape) * sizeof(float) <= KeptTapeBytes;

    /// <summary>Floats of a checkpoint: hidden state and cell state at the start of a chunk.</summary>
    public int Checkpoint => 2 * State;

    /// <summary>Packed weights of one vector of units: bias, samples, hidden states, four gates each.</summary>
    public int UnitWeights => Operands * LstmGeometry.Gates * WeightStride;

    public int ForwardWeights => StateVectors * UnitWeights;

    /// <summary>Packed transposed weights of one vector of results: every unit's four gates.</summary>
    public int ResultWeights => Geometry.Hidden * LstmGeometry.Gates * WeightStride;

    public int BackwardWeights => (StateVectors + InputVectors) * ResultWeights;

    /// <summary>Operands that the sums of the weight gradients run over: whole blocks, the last filled up with the one.</summary>
    public int SummedOperands => DivideUp(Operands, OperandBlock) * OperandBlock;

    /// <summary>Partial sums of the weight gradients: one vector for each unit vector, operand and gate.</summary>
    public int WeightSums => StateVectors * SummedOperands * LstmGeometry.Gates * Width;

    /// <summary>Steps whose tape is in memory at once.</summary>
    public int Chunk => Segments * Segment;

    /// <summary>
    /// Parts of a chunk that backward computes again side by side. A row alone has one chain of operations a step, most of it waiting; a
    /// tile of traces has one for each unit already.
    /// </summary>
    public int Segments => UnitsPerVector > 1 && !KeepsTape ? SegmentsOfRowAlone : 1;

    /// <summary>
    /// Steps between checkpoints: as many as keep the chunk's slots and tape in a third of the second-level cache, which weights and the
    /// sums of their gradients share. Between half and twice of that makes no difference that can be measured.
    /// </summary>
    public int Segment =>
        Math.Clamp((int)(CacheSizes.SecondLevelBytes / 3 / sizeof(float) / (Slot + Tape + 2 * State + Sample)), ShortestChunk, LongestChunk)
        / Segments;

    /// <summary>Floats that a tile of that many steps keeps for its backward pass.</summary>
    public long KeptFloats(int steps) =>
        KeepsTape ? (steps + 1L) * (Slot + Tape) + NativeFloats.Padded((steps + 1L) * State) : (long)DivideUp(steps, Segment) * Checkpoint;

    public int Chunks(int steps) => DivideUp(steps, Chunk);

    /// <summary>
    /// The offset of the operand that the n-th column of the gradient sums belongs to: hidden states, samples, the one, which also fills
    /// up the last block.
    /// </summary>
    public int OperandOffset(int n) =>
        n < Geometry.Hidden ? n * OperandStride : State + Math.Min(n - Geometry.Hidden, Geometry.Inputs) * OperandStride;

    /// <summary>
    /// Strides of an odd number of cache lines: the same element of successive steps then falls into different sets of the cache.
    /// </summary>
    private static int OddLines(int floats) => (DivideUp(floats, CacheLineFloats) | 1) * CacheLineFloats;

    public static int DivideUp(int value, int by) => (value + by - 1) / by;
}

/// <summary>The machine's caches, as far as the system tells.</summary>
internal static class CacheSizes
{
    private const string LinuxSecondLevel = "/sys/devices/system/cpu/cpu0/cache/index2/size";

    /// <summary>
    /// The second-level cache of a core; 512 KiB, which nearly every core of this decade has, where the system does not say.
    /// </summary>
    public static long SecondLevelBytes { get; } = ReadKibibytes(LinuxSecondLevel) is { } kibibytes ? kibibytes << 10 : 512 << 10;

    private static long? ReadKibibytes(string path) =>
        File.Exists(path)
        && long.TryParse(File.ReadAllText(path).Trim().TrimEnd('K'), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;
}
