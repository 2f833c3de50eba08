using GlifMl.Torch;

namespace GlifMl;

/// <summary>Where a run works and how; none of it changes the result, but for the last digits of what another engine scores.</summary>
public sealed record PipelineSettings
{
    /// <summary>The model's folder. Default null: the definition's <c>output</c>, or <c>models/NAME</c> in the working directory.</summary>
    public string? ModelDirectory { get; init; }

    /// <summary>
    /// The shards' folder. Default null: the definition's <c>data</c>, or <c>datasets/shards/</c> and the dataset's hash, in the working
    /// directory.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>Continues training from its checkpoint. Default false. Shards that are there are always kept.</summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Replaces the finished model that is in the folder, whichever definition trained it. Default false: that of another definition is
    /// refused, and this one's is reused.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>
    /// How the exported model is run where it is evaluated. Default: <see cref="OnnxEngine.Steady"/>, so that figures repeat to the digit.
    /// </summary>
    public OnnxModelOptions Scoring { get; init; } = new() { Engine = OnnxEngine.Steady };

    /// <summary>Follows the run. Default null: nobody.</summary>
    public IPipelineListener? Listener { get; init; }

    /// <summary>Stops the run at the next step, keeping what is finished.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The processes that train together with this one. Default null: it trains alone.</summary>
    internal TrainingPeers? Peers { get; init; }

    /// <summary>Whether this process is the one that says what is done.</summary>
    internal bool IsFirst => Peers is not { IsFirst: false };

    /// <summary>Called before each change of the model's folder: tests end a run there, as a kill would. Default null: nobody.</summary>
    internal Action<string>? BeforeChange { get; init; }

    /// <summary>Joins the processes that mpirun or srun started, to train together.</summary>
    /// <exception cref="DllNotFoundException">There is no Open MPI on this machine.</exception>
    internal PipelineSettings WithPeers() => this with { Peers = TrainingPeers.Join(Cancellation) };
}
