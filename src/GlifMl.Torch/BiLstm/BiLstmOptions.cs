namespace GlifMl.Torch;

/// <summary>The bidirectional LSTM regressor: its shape and how it is trained. The defaults are a small, quick network.</summary>
public sealed record BiLstmOptions : RecurrentOptions
{
    /// <summary>Which code runs the LSTM layers. Default the fused kernel.</summary>
    public LstmKernel Kernel { get; init; } = LstmKernel.Fused;
}
