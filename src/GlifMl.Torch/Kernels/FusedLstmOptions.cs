namespace GlifMl.Torch;

/// <summary>What a fused layer computes besides the final hidden state, and how.</summary>
internal sealed record FusedLstmOptions
{
    /// <summary>Also the final cell state. Default: no.</summary>
    public bool FinalCell { get; init; }

    /// <summary>Also the mean of the hidden states over each row's valid samples. Default: no.</summary>
    public bool TimeMean { get; init; }

    /// <summary>Also every hidden state, for a layer above. Default: no.</summary>
    public bool Sequence { get; init; }

    /// <summary>Threads to share the work. The result does not depend on it. Default: the machine's cores.</summary>
    public int Threads { get; init; } = KernelThreads.Default;

    /// <summary>The kernel. Default: <see cref="LstmKernels.Default"/>.</summary>
    public ILstmKernel Kernel { get; init; } = LstmKernels.Default;
}
