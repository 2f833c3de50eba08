namespace GlifMl.Simulation;

/// <summary>The widths in which the batch simulator is there.</summary>
public enum LaneKernelKind
{
    /// <summary>Plain doubles.</summary>
    Scalar,

    /// <summary>128-bit vectors (SSE2, AdvSimd): 4 traces at once.</summary>
    Vector128,

    /// <summary>256-bit vectors (AVX2): 8 traces at once.</summary>
    Vector256,

    /// <summary>512-bit vectors (AVX-512): 16 traces at once.</summary>
    Vector512,
}
