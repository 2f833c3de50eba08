namespace GlifMl.Torch;

/// <summary>How a batch of traces lies before a module.</summary>
public enum TraceLayout
{
    /// <summary>[batch, samples, channels]: for Linear, LSTM and GRU layers.</summary>
    SamplesChannels,

    /// <summary>[batch, channels, samples]: for convolution and pooling over time.</summary>
    ChannelsSamples,
}
