using System.Runtime.CompilerServices;

namespace GlifMl.Torch;

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
