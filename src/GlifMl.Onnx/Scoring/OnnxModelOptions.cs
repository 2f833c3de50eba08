namespace GlifMl;

/// <summary>How a model is run.</summary>
public sealed record OnnxModelOptions
{
    /// <summary>Threads that work on one call. Default: 0, one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>What runs LSTM layers and membrane fits. Default: <see cref="OnnxEngine.Auto"/>, which is measured.</summary>
    public OnnxEngine Engine { get; init; }

    /// <summary>
    /// Told what runs the model, a sentence each: LSTM nodes that the kernel does not run, when the model is loaded; which engine was the
    /// faster, when rows are scored. May be called from any thread. Default: nobody.
    /// </summary>
    public Action<string>? Log { get; init; }

    /// <summary>
    /// Rows that are run together. Default: 16; an LSTM node of hidden size 5 takes half the time a trace in batches of 8 and
    /// more, and memory grows with the batch.
    /// </summary>
    public int BatchRows { get; init; } = 16;
}

/// <summary>What runs the LSTM layers and membrane fits of a model; everything else is OnnxRuntime's.</summary>
public enum OnnxEngine
{
    /// <summary>The faster one, measured on the first rows of each batch size. They agree within rounding (1e-5).</summary>
    Auto,

    /// <summary>
    /// This library's kernel wherever it can, and OnnxRuntime elsewhere: nothing is measured, so that the same run
    /// gives the same digits.
    /// </summary>
    Steady,

    /// <summary>This library's kernel. A model that has nothing for it is refused.</summary>
    Kernel,

    /// <summary>OnnxRuntime, as for any other model.</summary>
    OnnxRuntime,
}
