namespace GlifMl.Onnx;

/// <summary>How a model is run.</summary>
public sealed record OnnxModelOptions
{
    /// <summary>Threads that OnnxRuntime uses within one run. Default: 0, one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Rows that are run together. Default: 16; an LSTM node of hidden size 5 takes half the time a trace in batches of 8 and
    /// more, and memory grows with the batch.
    /// </summary>
    public int BatchRows { get; init; } = 16;
}
