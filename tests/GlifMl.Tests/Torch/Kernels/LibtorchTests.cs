namespace GlifMl.Tests.Torch.Kernels;

/// <summary>
/// Tests that call TorchSharp: no other test runs beside them, since a collection during a native call may finalise what the call uses.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class LibtorchTests
{
    public const string Name = "libtorch";
}
