namespace GlifMl.Tests.Torch;

/// <summary>
/// Every test that runs libtorch. TorchSharp does not survive another thread's allocations during its calls, so these run one after the
/// other, and nothing runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchTests
{
    public const string Name = "torch";
}
