using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GlifMl.Lstm;

/// <summary>Lists every kernel this machine can run. The environment variable GLIFML_KERNEL forces one by name.</summary>
internal static class LstmKernels
{
    public const string EnvironmentVariable = "GLIFML_KERNEL";

    // Of one tile: the tiles of a usual batch then still fit in a third-level cache, where reading a tape costs less than recomputing it.
    private const long KeptTapeBytes = 4 << 20;

    // Not in an initialiser: what that throws reaches its caller wrapped, and a wrong name is the user's to mend.
    private static readonly Lazy<ILstmKernel> Chosen = new(() => Choose(Environment.GetEnvironmentVariable(EnvironmentVariable)));

    /// <summary>What this machine can run, the widest last.</summary>
    public static IReadOnlyList<ILstmKernel> Available { get; } = List(KeptTapeBytes);

    /// <summary>The kernel that <see cref="EnvironmentVariable"/> names, else the widest.</summary>
    /// <exception cref="ArgumentException">The variable names no kernel of this machine.</exception>
    public static ILstmKernel Default => Chosen.Value;

    /// <summary>The kernel of that name.</summary>
    /// <exception cref="ArgumentException">This machine runs none of that name.</exception>
    public static ILstmKernel Named(string name) => Find(name, place: "");

    /// <summary>The kernel for a value of <see cref="EnvironmentVariable"/>.</summary>
    /// <exception cref="ArgumentException">The value names no kernel of this machine.</exception>
    internal static ILstmKernel Choose(string? variable) =>
        string.IsNullOrEmpty(variable) ? Available[^1] : Find(variable, $"{EnvironmentVariable}: ");

    /// <summary>Every kernel of this machine, keeping at most that much of a tile's tape between forward and backward.</summary>
    public static IReadOnlyList<ILstmKernel> List(long keptTapeBytes)
    {
        List<ILstmKernel> kernels = [new ScalarLstmKernel()];
        if (!Vector128.IsHardwareAccelerated)
            return kernels;
        var units128 = Units<Vector128<float>, FloatLanes128>(keptTapeBytes);
        kernels.Add(new VectorLstmKernel("vector128", Traces<Vector128<float>, FloatLanes128>(keptTapeBytes), _ => units128));
        if (!Vector256.IsHardwareAccelerated || !Fma.IsSupported)
            return kernels;

        // A vector wider than the hidden state would only carry padding.
        var units256 = Units<Vector256<float>, FloatLanes256>(keptTapeBytes);
        ILstmTilePass UpTo256(int hidden) => hidden <= Vector128<float>.Count ? units128 : units256;
        kernels.Add(new VectorLstmKernel("vector256", Traces<Vector256<float>, FloatLanes256>(keptTapeBytes), UpTo256));
        if (!Avx512F.IsSupported || !Vector512.IsHardwareAccelerated)
            return kernels;

        var units512 = Units<Vector512<float>, FloatLanes512>(keptTapeBytes);
        ILstmTilePass UpTo512(int hidden) => hidden <= Vector256<float>.Count ? UpTo256(hidden) : units512;
        kernels.Add(new VectorLstmKernel("vector512", Traces<Vector512<float>, FloatLanes512>(keptTapeBytes), UpTo512));
        return kernels;
    }

    private static ILstmKernel Find(string name, string place) =>
        Available.FirstOrDefault(kernel => string.Equals(kernel.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"{place}found LSTM kernel '{name}'; expected one of {string.Join(", ", Available.Select(k => k.Name))} on this machine"
        );

    private static LstmTilePass<TVector, TLanes, TracesInLanes<TVector, TLanes>> Traces<TVector, TLanes>(long keptTapeBytes)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => new(keptTapeBytes);

    private static LstmTilePass<TVector, TLanes, UnitsInLanes<TVector, TLanes>> Units<TVector, TLanes>(long keptTapeBytes)
        where TVector : struct
        where TLanes : struct, IFloatLanes<TVector> => new(keptTapeBytes);
}

/// <summary>One implementation of the layer. Stateless: any thread may call it, and the threads it is given only share the work.</summary>
internal interface ILstmKernel
{
    /// <summary>The name a user forces it by.</summary>
    string Name { get; }

    /// <summary>Floats that a forward pass keeps for its backward pass.</summary>
    long CheckpointFloats(LstmGeometry geometry);

    /// <summary>Runs the layer on up to <paramref name="threads"/> threads; the result does not depend on how many.</summary>
    void Forward(LstmCall call, int threads);

    /// <summary>Gradients of a forward pass that kept checkpoints.</summary>
    void Backward(LstmCall call, LstmGradients gradients, int threads);
}
