using GlifMl.Torch.Kernels.Reference;

namespace GlifMl.Torch.Kernels;

/// <summary>Lists every kernel this machine can run. The environment variable GLIFML_KERNEL forces one by name.</summary>
internal static class LstmKernels
{
    public const string EnvironmentVariable = "GLIFML_KERNEL";

    /// <summary>What this machine can run, the widest last.</summary>
    public static IReadOnlyList<ILstmKernel> Available { get; } = [new ScalarLstmKernel()];

    /// <summary>The kernel <see cref="EnvironmentVariable"/> names, else the widest.</summary>
    /// <exception cref="ArgumentException">The variable names no kernel of this machine.</exception>
    public static ILstmKernel Default { get; } =
        Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } name ? Named(name) : Available[^1];

    /// <summary>The kernel of that name.</summary>
    /// <exception cref="ArgumentException">This machine runs none of that name.</exception>
    public static ILstmKernel Named(string name) =>
        Available.FirstOrDefault(kernel => string.Equals(kernel.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"found LSTM kernel '{name}', expected one of {string.Join(", ", Available.Select(k => k.Name))} on this machine");
}
