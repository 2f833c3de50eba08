using System.Runtime.CompilerServices;

namespace GlifMl.Torch;

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
