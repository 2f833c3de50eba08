using System.Runtime.CompilerServices;

namespace GlifMl.Lstm;

/// <summary>
/// What stands in the lanes. A layer multiplies weights by operands (samples and hidden states): either the lanes hold traces, then a
/// weight is one float for all of them and an operand is a vector; or they hold hidden units, then a weight is a vector and an operand
/// is one float for all of them. Everything else of the kernel is the same.
/// </summary>
internal unsafe interface ILstmLayout<TVector>
    where TVector : struct
{
    /// <summary>Traces that one tile computes.</summary>
    static abstract int Traces { get; }

    /// <summary>Hidden units (or input channels) that one vector of results holds.</summary>
    static abstract int UnitsPerVector { get; }

    /// <summary>Floats from one packed weight to the next.</summary>
    static abstract int WeightStride { get; }

    /// <summary>Floats from one operand to the next.</summary>
    static abstract int OperandStride { get; }

    static abstract TVector Weight(float* packed);

    static abstract TVector Operand(float* from);
}

/// <summary>Each lane is a trace of the batch: for batches.</summary>
internal readonly unsafe struct TracesInLanes<TVector, TLanes> : ILstmLayout<TVector>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    public static int Traces => TLanes.Width;

    public static int UnitsPerVector => 1;

    public static int WeightStride => 1;

    public static int OperandStride => TLanes.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Weight(float* packed) => TLanes.Broadcast(*packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Operand(float* from) => TLanes.Load(from);
}

/// <summary>Each lane is a hidden unit of one trace: for single traces and the few that a batch leaves over.</summary>
internal readonly unsafe struct UnitsInLanes<TVector, TLanes> : ILstmLayout<TVector>
    where TVector : struct
    where TLanes : struct, IFloatLanes<TVector>
{
    public static int Traces => 1;

    public static int UnitsPerVector => TLanes.Width;

    public static int WeightStride => TLanes.Width;

    public static int OperandStride => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Weight(float* packed) => TLanes.Load(packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Operand(float* from) => TLanes.Broadcast(*from);
}
