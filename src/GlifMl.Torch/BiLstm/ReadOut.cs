namespace GlifMl.Torch;

/// <summary>What of the last LSTM layer the linear head reads.</summary>
public enum ReadOut
{
    /// <summary>Each direction's hidden state after its last sample, as in the published study.</summary>
    Final,

    /// <summary>Each direction's hidden states averaged over the samples.</summary>
    Mean,

    /// <summary>Both of them.</summary>
    Both,
}
