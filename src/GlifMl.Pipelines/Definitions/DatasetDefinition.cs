using System.ComponentModel.DataAnnotations;

namespace GlifMl.Pipelines;

/// <summary>The simulated data: one neuron, a design over its parameters, and the stimuli of each split.</summary>
public sealed record DatasetDefinition
{
    /// <summary>
    /// Full path of the Allen neuron config (JSON) that gives every key the design does not vary.
    /// Written relative to the file that says it.
    /// </summary>
    [InputFile]
    public required string Neuron { get; init; }

    /// <summary>The parameters that vary and how.</summary>
    public required ParametersDefinition Parameters { get; init; }

    /// <summary>
    /// What real membranes and recordings have beyond a GLIF. Default null: nothing; the neuron is the GLIF that its file says.
    /// </summary>
    public MembraneDefinition? Membrane { get; init; }

    /// <summary>How each trace is simulated and kept. Default: the case study's preparation.</summary>
    public TraceDefinition Trace { get; init; } = new();

    /// <summary>The training, validation and test data.</summary>
    public required SplitsDefinition Splits { get; init; }

    /// <summary>
    /// Cells of parameter space that training and validation leave out, while the test split keeps them. Default null:
    /// none. In a grid without it every test configuration may be one of training; other designs never test on a
    /// configuration of training, but on ones close by.
    /// </summary>
    public HoldOutDefinition? HoldOut { get; init; }

    /// <summary>Traces in one shard file. Default 500; at least 1.</summary>
    [Range(1, int.MaxValue)]
    public int ShardRows { get; init; } = 500;
}

/// <summary>The three parts of a dataset.</summary>
public sealed record SplitsDefinition
{
    /// <summary>Names of the splits that there can be, in the order that they are listed in.</summary>
    internal static readonly string[] Names = ["train", "validation", "test"];

    /// <summary>The traces a chain is fitted to.</summary>
    public required SplitDefinition Train { get; init; }

    /// <summary>The traces the best epoch is chosen on; null for none.</summary>
    public SplitDefinition? Validation { get; init; }

    /// <summary>The traces a model is judged on.</summary>
    public required SplitDefinition Test { get; init; }

    /// <summary>The splits present, with their names: train, validation, test.</summary>
    public IEnumerable<(string Name, SplitDefinition Split)> Present
    {
        get
        {
            yield return ("train", Train);
            if (Validation is not null)
                yield return ("validation", Validation);
            yield return ("test", Test);
        }
    }

    /// <summary>The splits that shards are made of, with their names: all but training traces that are simulated as they are
    /// needed.</summary>
    internal IEnumerable<(string Name, SplitDefinition Split)> Stored => Present.Where(split => !split.Split.IsEndless);

    /// <summary>A split by its name.</summary>
    /// <param name="name">The name of one that is present.</param>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    internal SplitDefinition Named(string name) => Present.Single(split => split.Name == name).Split;
}

/// <summary>One part of a dataset: a stimulus and how many traces it drives.</summary>
public sealed record SplitDefinition
{
    /// <summary>The injected current, or a list of currents of which each trace draws one.</summary>
    public required StimulusMixture Stimulus { get; init; }

    /// <summary>How many traces; <see cref="TraceCount.All"/> is every configuration of a grid, once a sweep.</summary>
    public required TraceCount Traces { get; init; }

    /// <summary>
    /// How often the stimulus is repeated for each configuration before traces are chosen. Default 1; the case study's noise has 3.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int Sweeps { get; init; } = 1;

    /// <summary>
    /// Where the traces come from. Default null: shards. Training traces can be simulated as training asks for them, other ones in each
    /// epoch: other parameters, currents and noise. <see cref="Traces"/> are then those of an epoch, and no shards are made of them.
    /// </summary>
    public TraceOrigin? Source
    {
        get;
        // Shards are what no word means: a dataset has one hash, however it is said.
        init => field = value == TraceOrigin.Shards ? null : value;
    }

    /// <summary>
    /// Epochs that are shown the same simulated traces, each in another order, before the next ones are simulated. Default null: one.
    /// Making a noisy trace takes several times as long as learning from it.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int? Shown
    {
        get;
        // Once is what no word means.
        init => field = value == 1 ? null : value;
    }

    /// <summary>Whether the traces are simulated as training asks for them, without end.</summary>
    internal bool IsEndless => Source == TraceOrigin.Simulate;
}

/// <summary>Where the traces of a split come from.</summary>
public enum TraceOrigin
{
    /// <summary>From shards, made once.</summary>
    Shards,

    /// <summary>From the simulator, as training asks for them.</summary>
    Simulate,
}

/// <summary>A number of traces, or all of a grid.</summary>
public readonly record struct TraceCount
{
    private TraceCount(int? number) => Number = number;

    /// <summary>Every configuration of a grid.</summary>
    public static TraceCount All => default;

    /// <summary>The number of traces, at least 1; null for all.</summary>
    public int? Number { get; }

    /// <summary>Whether every configuration of a grid is meant.</summary>
    public bool IsAll => Number is null;

    /// <summary>A given number of traces.</summary>
    /// <param name="number">How many; at least 1.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is below 1.</exception>
    public static TraceCount Of(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return new(number);
    }

    /// <summary>The count as a definition writes it.</summary>
    /// <returns>The number, or <c>all</c>.</returns>
    public override string ToString() => Number?.ToString() ?? "all";
}
