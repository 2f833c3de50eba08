namespace GlifMl.Torch;

/// <summary>How a module of one's own is trained, and what it is given.</summary>
public sealed record TorchModuleOptions : TrainerOptions
{
    /// <summary>How a batch of traces lies before the module. Default [batch, samples, channels].</summary>
    public TraceLayout Layout { get; init; } = TraceLayout.SamplesChannels;
}
