namespace GlifMl.Torch;

/// <summary>Which code runs the LSTM layers.</summary>
public enum LstmKernel
{
    /// <summary>The project's own kernel, one call a layer.</summary>
    Fused,

    /// <summary>libtorch's nn.LSTM: the peer in benchmarks and the cross-check in tests.</summary>
    Torch,
}
