namespace GlifMl.Torch;

/// <summary>A fitted step that is a network.</summary>
public interface ITrainedNetwork
{
    /// <summary>Trainable numbers of the network.</summary>
    long ParameterCount { get; }
}
