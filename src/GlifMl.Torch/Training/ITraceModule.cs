using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>What the training loop trains: a module from traces to scores.</summary>
internal interface ITraceModule
{
    /// <summary>Holds the parameters, and knows training from evaluation.</summary>
    nn.Module Module { get; }

    /// <summary>Rows that a training batch needs. Default 1.</summary>
    int LeastRows => 1;

    /// <summary>
    /// Whether libtorch does the heavy work, and so has use for threads. Default true. Where it does not, they would only be in the way:
    /// after each parallel loop, however short, they spin on the cores that the module's own threads need.
    /// </summary>
    bool ComputesInLibtorch => true;

    /// <summary>Threads that libtorch is quickest with, where nobody asked for a number. Default: one a core.</summary>
    int QuickestThreads => Environment.ProcessorCount;

    /// <summary>Whether scores are right only while gradients are on: <see cref="LstmWithoutGradients"/>. Default false.</summary>
    bool NeedsGradients => false;

    /// <summary>Scores a batch.</summary>
    /// <param name="traces">[batch, samples, channels].</param>
    /// <param name="beside">[batch, numbers], what stands beside each trace; null: nothing does.</param>
    /// <param name="lengths">Valid samples of each row, for a batch of traces of different lengths; null: all of them.</param>
    /// <returns>[batch, targets].</returns>
    Tensor Forward(Tensor traces, Tensor? beside, int[]? lengths);

    /// <summary>
    /// Called after each backward pass: throws what failed in it, where an exception could not be thrown. Default: nothing.
    /// </summary>
    void AfterBackward() { }
}

/// <summary>A fitted step that is a network.</summary>
public interface ITrainedNetwork
{
    /// <summary>Trainable numbers of the network.</summary>
    long ParameterCount { get; }
}
