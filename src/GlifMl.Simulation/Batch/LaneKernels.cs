using System.Runtime.Intrinsics;

namespace GlifMl.Simulation;

/// <summary>The one place that lists the batch kernels and chooses among them.</summary>
internal static class LaneKernels
{
    /// <summary>The environment variable that forces a kernel: <c>512</c>, <c>256</c>, <c>128</c> or <c>scalar</c>.</summary>
    public const string Variable = "GLIFML_SIMD";

    private static readonly (LaneKernelKind Kind, string Name, bool IsAvailable)[] All =
    [
        (LaneKernelKind.Vector512, "512", Vector512.IsHardwareAccelerated),
        (LaneKernelKind.Vector256, "256", Vector256.IsHardwareAccelerated),
        (LaneKernelKind.Vector128, "128", Vector128.IsHardwareAccelerated),
        (LaneKernelKind.Scalar, "scalar", true),
    ];

    /// <summary>The kernels this machine runs, the fastest first.</summary>
    public static IReadOnlyList<LaneKernelKind> Available { get; } =
    [.. All.Where(kernel => kernel.IsAvailable).Select(kernel => kernel.Kind)];

    /// <summary>The kernel that <see cref="Variable"/> names, or the fastest.</summary>
    /// <exception cref="InvalidOperationException">The variable names no kernel, or one that this machine does not run.</exception>
    public static LaneKernelKind Selected => Select(Environment.GetEnvironmentVariable(Variable));

    internal static LaneKernelKind Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Available[0];
        foreach (var kernel in All)
        {
            if (kernel.IsAvailable && kernel.Name == name)
                return kernel.Kind;
        }
        var available = All.Where(kernel => kernel.IsAvailable).Select(kernel => kernel.Name);
        throw new InvalidOperationException(
            $"{Variable}: found {Quoted.Of(name)}; expected one that this machine runs: {string.Join(", ", available)}"
        );
    }

    /// <summary>How many traces a kernel simulates at once.</summary>
    internal static int LaneCount(LaneKernelKind kind) =>
        kind switch
        {
            LaneKernelKind.Vector512 => LanePair<DoubleLanes512>.Count,
            LaneKernelKind.Vector256 => LanePair<DoubleLanes256>.Count,
            LaneKernelKind.Vector128 => LanePair<DoubleLanes128>.Count,
            _ => DoubleLanes64.Count,
        };

    /// <summary>Simulates one group of membranes on a kernel.</summary>
    internal static void Run<TOut>(LaneKernelKind kind, MembraneGroup group, LaneOutput<TOut> output)
        where TOut : unmanaged
    {
        switch (kind)
        {
            case LaneKernelKind.Vector512:
                MembraneKernel<LanePair<DoubleLanes512>, TOut>.Run(group, output);
                break;
            case LaneKernelKind.Vector256:
                MembraneKernel<LanePair<DoubleLanes256>, TOut>.Run(group, output);
                break;
            case LaneKernelKind.Vector128:
                MembraneKernel<LanePair<DoubleLanes128>, TOut>.Run(group, output);
                break;
            default:
                MembraneKernel<DoubleLanes64, TOut>.Run(group, output);
                break;
        }
    }

    /// <summary>Simulates one group on a kernel.</summary>
    internal static void Run<TOut>(LaneKernelKind kind, LaneGroup group, LaneOutput<TOut> output)
        where TOut : unmanaged
    {
        switch (kind)
        {
            case LaneKernelKind.Vector512:
                LaneKernel<LanePair<DoubleLanes512>, TOut>.Run(group, output);
                break;
            case LaneKernelKind.Vector256:
                LaneKernel<LanePair<DoubleLanes256>, TOut>.Run(group, output);
                break;
            case LaneKernelKind.Vector128:
                LaneKernel<LanePair<DoubleLanes128>, TOut>.Run(group, output);
                break;
            default:
                LaneKernel<DoubleLanes64, TOut>.Run(group, output);
                break;
        }
    }
}

/// <summary>The widths that the batch simulator has.</summary>
internal enum LaneKernelKind
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
